import { useQuery } from '../../state/query.ts';
import { otherStandingOf } from './device-list.ts';
import { OutOfUse } from './out-of-use.tsx';
import { PendingDevices } from './pending-devices.tsx';

/** Devices that do not take part: those that wait, are retired, or were rejected, as the address says. */
export const OtherDevices = () => {
  const standing = otherStandingOf(useQuery().values.standing);
  if (standing === undefined) return null;
  return standing === 'pending' ? <PendingDevices /> : <OutOfUse key={standing} standing={standing} />;
};
