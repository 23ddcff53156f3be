import type { OverviewValue } from '../../api/schema.ts';
import { liveDevice } from '../../state/live.ts';

/** The newest that is known of a value: what the stream has said since the overview was fetched. */
export function currentValue(deviceId: string, fetched: OverviewValue): { value: OverviewValue['value']; at: number } {
  const at = Date.parse(fetched.timestamp);
  const live = liveDevice(deviceId).values.get(fetched.parameter);
  return live !== undefined && live.at > at ? live : { value: fetched.value, at };
}
