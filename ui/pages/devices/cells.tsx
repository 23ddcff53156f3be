import type { OverviewValue } from '../../api/schema.ts';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { Age, StatusChip } from '../../components/status.tsx';
import { sideOf } from '../../format/limits.ts';
import { liveDevice } from '../../state/live.ts';
import { text } from '../../text/devices.ts';
import type { ListedDevice } from './device-list.ts';
import { courseOf } from './sparklines.ts';

/** Cells that follow their device by themselves, so that a new value draws one cell and not the list. */

export const StateCell = ({ device }: { device: ListedDevice }) => (
  <>
    <StatusChip status={liveDevice(device.id).status ?? device.status} />
    {device.state === 'out_of_limits' && <SeverityChip severity="high">{text.outOfLimits}</SeverityChip>}
  </>
);

export const NameCell = ({ device: { id, name, key } }: { device: ListedDevice }) => (
  <>
    <a class="clip dev__name" href={`/devices/${id}`} tabIndex={-1} title={name}>
      {name || key}
    </a>
    {name !== key && <span class="sub mono clip">{key}</span>}
  </>
);

export const LastSeenCell = ({ device }: { device: ListedDevice }) => {
  const { lastSeenAt } = liveDevice(device.id);
  return <Age at={lastSeenAt ?? device.seenAt} />;
};

const Newest = ({ deviceId, fetched, isStale }: { deviceId: string; fetched: OverviewValue; isStale: boolean }) => {
  const live = liveDevice(deviceId).values.get(fetched.parameter);
  const value = live === undefined || live.at < Date.parse(fetched.timestamp) ? fetched.value : live.value;
  const side = sideOf(fetched, value);
  return (
    <span class="dev__v">
      <span class="muted clip">{fetched.display_name ?? fetched.parameter}</span>
      <span class={isStale ? 'is-stale-value nowrap clip' : 'nowrap clip'}>
        <ParameterValue value={value} of={fetched} />
      </span>
      {side !== undefined && (
        <SeverityChip severity="high">
          <span class="sr">{side === 'high' ? text.above : text.below}</span>
        </SeverityChip>
      )}
    </span>
  );
};

export const ValuesCell = ({ device }: { device: ListedDevice }) => {
  const status = liveDevice(device.id).status ?? device.status;
  return (
    <span class="dev__vs">
      {device.values.map((value) => (
        <Newest key={value.parameter} deviceId={device.id} fetched={value} isStale={status !== 'online'} />
      ))}
    </span>
  );
};

export const CourseCell = ({ device }: { device: ListedDevice }) => {
  const course = courseOf(device.id);
  const value = device.values.find(({ parameter }) => parameter === course?.parameter);
  return (
    <span title={value?.display_name ?? course?.parameter ?? undefined}>
      <Sparkline points={course?.points} />
    </span>
  );
};
