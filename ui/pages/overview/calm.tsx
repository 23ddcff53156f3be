import type { OverviewDevice, OverviewValue } from '../../api/schema.ts';
import { Panel } from '../../components/panel.tsx';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { RangeBar } from '../../components/range-bar.tsx';
import { openCount } from '../../state/alarms.ts';
import { text } from '../../text/overview.ts';
import { currentValue } from './current-value.ts';

/** Values shown of each device. */
const MAX_VALUES = 3;
const MAX_DEVICES = 60;

const CalmValue = ({ deviceId, fetched }: { deviceId: string; fetched: OverviewValue }) => {
  const { value } = currentValue(deviceId, fetched);
  return (
    <span class="calm__v">
      <span class="clip">{fetched.display_name ?? fetched.parameter}</span>
      {typeof value === 'number' && <RangeBar value={value} low={fetched.low_limit} high={fetched.high_limit} />}
      <span class="num clip">
        <ParameterValue value={value} of={fetched} />
      </span>
    </span>
  );
};

/**
 * The devices that are online with all values inside their limits: small, but not hidden. Nothing is called normal while
 * an alarm is open: rules know of more than limits do.
 */
export const Calm = ({ devices, total }: { devices: readonly OverviewDevice[]; total: number }) => {
  const shown = devices.slice(0, MAX_DEVICES);
  const rest = total - shown.length;
  const hasLimits = shown.some(({ values }) =>
    values.some(({ low_limit, high_limit }) => (low_limit ?? high_limit) !== null),
  );
  return (
    <Panel
      title={openCount() > 0 ? text.withinLimits : text.normal}
      flush
      class="calm"
      side={hasLimits && <span class="panel__note">{text.normalNote}</span>}
      foot={
        <span class="row row--between row--wrap">
          <span>{rest > 0 && (shown.length > 0 ? text.moreNormal(rest) : text.allNormal(rest))}</span>
          <a href="/devices">{text.allDevices}</a>
        </span>
      }
    >
      {total === 0 && <p class="calm__none soft">{text.noneNormal}</p>}
      <ul class="calm__l">
        {shown.map((device) => (
          <li key={device.id}>
            <a href={`/devices/${device.id}`} title={device.name || device.key}>
              <b class="clip">{device.name || device.key}</b>
              {device.values.slice(0, MAX_VALUES).map((value) => (
                <CalmValue key={value.parameter} deviceId={device.id} fetched={value} />
              ))}
            </a>
          </li>
        ))}
      </ul>
    </Panel>
  );
};
