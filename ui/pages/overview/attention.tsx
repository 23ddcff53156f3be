import { call } from '../../api/client.ts';
import type { OverviewDevice, OverviewValue, Sparkline as SparklineData } from '../../api/schema.ts';
import { Panel } from '../../components/panel.tsx';
import { formatParameterValue, ParameterValue } from '../../components/parameter-value.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { Age, StatusChip } from '../../components/status.tsx';
import { useResource } from '../../state/resource.ts';
import { text } from '../../text/overview.ts';
import { currentValue } from './current-value.ts';

/** Rows shown; the rest is one click away. */
const MAX_ROWS = 12;
const SPARKLINES_EVERY_MS = 60_000;

const nameOf = ({ name, key }: OverviewDevice) => name || key;

/** The value that is outside its limits, if that is what is wrong. */
const outsideOf = (device: OverviewDevice): OverviewValue | undefined =>
  device.values.find(({ limit_state }) => limit_state !== 'normal');

const Row = ({ device, sparkline }: { device: OverviewDevice; sparkline: SparklineData | undefined }) => {
  const outside = device.state === 'out_of_limits' ? outsideOf(device) : undefined;
  const silence = device.last_seen_at === null ? text.neverSent : text.silent;
  const lastSeenAt = device.last_seen_at === null ? null : Date.parse(device.last_seen_at);
  return (
    <li class={outside === undefined ? 'att__row' : 'att__row sev sev--high'}>
      <span class="att__sev">
        {outside === undefined ? (
          <StatusChip status={device.status} />
        ) : (
          <SeverityChip severity="high">
            {outside.limit_state === 'high' ? text.aboveLimit : text.belowLimit}
          </SeverityChip>
        )}
      </span>
      <span class="att__what">
        <a class="clip" href={`/devices/${device.id}`} title={nameOf(device)}>
          <b>{nameOf(device)}</b>
        </a>
        <small class="clip">{outside === undefined ? silence : (outside.display_name ?? outside.parameter)}</small>
      </span>
      <span class="att__val">{outside !== undefined && <Outside device={device} outside={outside} />}</span>
      <span class="att__spark">
        {(outside === undefined || sparkline?.parameter === outside.parameter) && (
          <Sparkline points={sparkline?.points} />
        )}
      </span>
      <span class="att__age">
        {lastSeenAt !== null && (
          <small>
            {text.lastSeen} <Age at={lastSeenAt} />
          </small>
        )}
      </span>
    </li>
  );
};

const Outside = ({ device, outside }: { device: OverviewDevice; outside: OverviewValue }) => {
  const { value } = currentValue(device.id, outside);
  const limit = outside.limit_state === 'high' ? outside.high_limit : outside.low_limit;
  const words = outside.limit_state === 'high' ? text.above : text.below;
  return (
    <>
      <ParameterValue value={value} of={outside} />
      <small>{words(formatParameterValue(limit, outside))}</small>
    </>
  );
};

/** The devices that something is wrong with, worst first. */
export const Attention = ({ devices, total }: { devices: readonly OverviewDevice[]; total: number }) => {
  const shown = devices.slice(0, MAX_ROWS);
  const ids = shown.map(({ id }) => id).join(',');
  const sparklines = useResource(
    `attention ${ids}`,
    async (signal) =>
      ids === '' ? [] : (await call('GET /devices/sparklines', { query: { devices: ids }, signal })).items,
    { everyMs: SPARKLINES_EVERY_MS },
  );
  if (total === 0) {
    return (
      <section class="panel att__calm">
        <h2>{text.calmTitle}</h2>
        <p class="soft">{text.calmBody}</p>
      </section>
    );
  }
  const rest = total - shown.length;
  return (
    <Panel
      title={text.attention}
      flush
      side={<span class="panel__note">{text.worstFirst}</span>}
      foot={
        <span class="row row--between row--wrap">
          <span>{rest > 0 && text.more(rest)}</span>
          <a href="/devices?status=attention">{text.allOfThem}</a>
        </span>
      }
    >
      <ul class="list att">
        {shown.map((device) => (
          <Row
            key={device.id}
            device={device}
            sparkline={sparklines.data?.find(({ device_id }) => device_id === device.id)}
          />
        ))}
      </ul>
    </Panel>
  );
};
