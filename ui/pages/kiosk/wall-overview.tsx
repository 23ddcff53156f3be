import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../api/client.ts';
import type { OverviewDevice, OverviewValue, Sparkline as SparklineData } from '../../api/schema.ts';
import { ParameterValue } from '../../components/parameter-value.tsx';
import { RangeBar } from '../../components/range-bar.tsx';
import { SeverityChip } from '../../components/severity.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { Age, StatusChip } from '../../components/status.tsx';
import { openCount } from '../../state/alarms.ts';
import { liveDevice } from '../../state/live.ts';
import { useResource } from '../../state/resource.ts';
import { text } from '../../text/kiosk.ts';

type State = OverviewDevice['state'];
const STATES: readonly State[] = ['out_of_limits', 'offline', 'stale', 'normal'];
/** More tiles than this do not fit a wall; the worst come first. */
const MAX_TILES = 32;
/** The least that a tile takes; as in kiosk.css. */
const TILE_REM = { width: 12.5, height: 6 };
const CURVES_EVERY_MS = 60_000;

const Count = ({ state, count }: { state: State; count: number }) => {
  const isBad = state === 'out_of_limits' && count > 0;
  // Rules know of more than limits do.
  const words = state === 'normal' && openCount() > 0 ? text.withinLimits : text.counts[state];
  return (
    <li class={isBad ? 'k__count sev sev--high' : 'k__count'}>
      <b>{count.toLocaleString('en')}</b>
      {isBad ? <SeverityChip severity="high">{words}</SeverityChip> : <span>{words}</span>}
    </li>
  );
};

/** As many columns as give tiles of one shape that fill a wide screen. */
const columnsFor = (tiles: number): number => Math.max(2, Math.ceil(Math.sqrt(tiles * 1.6)));

/** The value that says most of a device: one outside its limits, otherwise the first number. */
const mainValue = ({ values }: OverviewDevice): OverviewValue | undefined =>
  values.find(({ limit_state }) => limit_state !== 'normal') ??
  values.find(({ kind }) => kind === 'number') ??
  values[0];

const TileState = ({ device, main }: { device: OverviewDevice; main: OverviewValue | undefined }) => {
  if (device.state !== 'out_of_limits' || main === undefined) return <StatusChip status={device.status} />;
  return <SeverityChip severity="high">{main.limit_state === 'low' ? text.belowLimit : text.aboveLimit}</SeverityChip>;
};

const Tile = ({ device, curve }: { device: OverviewDevice; curve: SparklineData | undefined }) => {
  const main = mainValue(device);
  const live = main === undefined ? undefined : liveDevice(device.id).values.get(main.parameter);
  const value = live?.value ?? main?.value;
  const isOut = device.state === 'out_of_limits';
  const isSilent = device.status !== 'online';
  return (
    <li class={isOut ? 'panel k__tile sev sev--high' : 'panel k__tile'}>
      <div class="row row--between k__tile-head">
        <b class="k__n clip">{device.name || device.key}</b>
        <TileState device={device} main={main} />
      </div>
      <div class={isSilent ? 'k__v muted' : 'k__v'}>
        <ParameterValue value={value} of={main} />
      </div>
      <small class="soft row">
        <span class="clip">{main === undefined ? text.neverSent : (main.display_name ?? main.parameter)}</span>
        {isSilent && main !== undefined && (
          <span class="nowrap">
            <Age at={live?.at ?? Date.parse(main.timestamp)} />
          </span>
        )}
      </small>
      {typeof value === 'number' && main !== undefined && (
        <RangeBar value={value} low={main.low_limit} high={main.high_limit} />
      )}
      {curve !== undefined && curve.parameter === main?.parameter && <Sparkline points={curve.points} />}
    </li>
  );
};

interface WallOverviewProps {
  readonly devices: readonly OverviewDevice[];
  readonly counts: Readonly<Record<State, number>>;
  /** How many there are, with those that are not among `devices`. */
  readonly total: number;
}

/** How many tiles the wall has room for, whatever its size. Where the page scrolls, all of them. */
function useRoom() {
  const list = useRef<HTMLUListElement>(null);
  const [room, setRoom] = useState(MAX_TILES);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = () => {
      const { scrollHeight, clientHeight } = document.documentElement;
      if (scrollHeight > clientHeight + 1) return setRoom(MAX_TILES);
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const gap = Number.parseFloat(getComputedStyle(element).columnGap);
      const along = (px: number, least: number) => Math.max(1, Math.floor((px + gap) / (least * rem + gap)));
      const { clientWidth: width, clientHeight: height } = element;
      setRoom(Math.min(MAX_TILES, along(width, TILE_REM.width) * along(height, TILE_REM.height)));
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  return { list, room };
}

/** All devices at a glance: how many are how, and the worst first. */
export const WallOverview = ({ devices, counts, total }: WallOverviewProps) => {
  const { list, room } = useRoom();
  const tiles = devices.slice(0, room);
  const ids = tiles
    .map(({ id }) => id)
    .toSorted()
    .join(',');
  const curves = useResource(
    `wall curves ${ids}`,
    async (signal) => (await call('GET /devices/sparklines', { query: { devices: ids }, signal })).items,
    { everyMs: CURVES_EVERY_MS, keepsData: true },
  );
  return (
    <>
      <ul class="k__counts">
        {STATES.map((state) => (
          <Count key={state} state={state} count={counts[state]} />
        ))}
      </ul>
      <ul
        ref={list}
        class="k__t k__t--fill"
        style={{ '--cols': columnsFor(tiles.length) }}
        data-many={tiles.length > 16 ? '' : undefined}
      >
        {tiles.map((device) => (
          <Tile key={device.id} device={device} curve={curves.data?.find(({ device_id }) => device_id === device.id)} />
        ))}
      </ul>
      {total > tiles.length && <p class="soft">{text.more(total - tiles.length)}</p>}
    </>
  );
};
