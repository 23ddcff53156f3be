import { formatValue } from '../components/value.tsx';
import { formatTime, zoneName } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { liveDevice } from '../state/live.ts';
import { timezone } from '../state/session.ts';
import { text } from '../text/charts.ts';
import { gapsOf, isSilentAtEnd } from './gaps.ts';
import { newestOf, type Reading, readingAt } from './reading.ts';
import type { TrendModel } from './trend-model.ts';
import { colourOf, type PlacedSeries, strokeOf } from './trend-series.ts';

/** A number is read off up to this share of the window away from the cursor. */
const REACH = 1 / 60;

/** The value of a series under the cursor, otherwise the newest in sight. */
export function readingOf(model: TrendModel, series: PlacedSeries): Reading | undefined {
  model.version.value;
  const track = model.trackOf(series);
  if (track === undefined) return undefined;
  const { from, to } = model.view.window.value;
  const at = model.cursorAt.value;
  if (at === undefined) return newestOf(track, to);
  return readingAt(track, at, gapsOf(track), (to - from) * REACH);
}

/** Without a cursor the legend speaks of now: what a silent series was long ago is not its value. */
function isSilent(model: TrendModel, series: PlacedSeries): boolean {
  const track = model.trackOf(series);
  if (model.cursorAt.value !== undefined || track === undefined) return false;
  const status = model.view.isLive.value ? liveDevice(series.deviceId).status : undefined;
  return status === 'stale' || status === 'offline' || isSilentAtEnd(track, model.view.window.value);
}

const Key = ({ model, series, name }: { model: TrendModel; series: PlacedSeries; name: string }) => {
  const isHidden = model.hidden.value.has(series.key);
  const { dash } = strokeOf(series.place);
  const reading = isHidden || isSilent(model, series) ? undefined : readingOf(model, series);
  const toggle = () => {
    const hidden = new Set(model.hidden.peek());
    if (!hidden.delete(series.key)) hidden.add(series.key);
    model.hidden.value = hidden;
  };
  return (
    <button
      type="button"
      class={dash === undefined ? 'key' : 'key dash'}
      aria-pressed={!isHidden}
      title={isHidden ? text.show_(name) : text.hide(name)}
      style={{ '--k': colourOf(series) }}
      onClick={toggle}
    >
      <i />
      <span class="clip key__name">{name}</span>
      <b class={series.kind === 'number' ? 'clip' : 'key__state clip'}>
        {isHidden ? '' : reading === undefined ? text.noData : formatValue(reading.value, series.decimals)}
      </b>
      {series.unit && reading !== undefined && <span class="muted">{series.unit}</span>}
    </button>
  );
};

/** The moment that the legend speaks of, with its zone. */
const ReadOutTime = ({ model }: { model: TrendModel }) => {
  const at = model.cursorAt.value ?? Math.min(model.view.window.value.to, now.value);
  const zone = timezone.value;
  return (
    <time class="chart__time" dateTime={new Date(at).toISOString()}>
      {formatTime(at, 'date_time', zone)} <span class="muted">{zoneName(at, zone)}</span>
    </time>
  );
};

interface LegendProps {
  readonly model: TrendModel;
  readonly series: readonly PlacedSeries[];
  readonly nameOf: (series: PlacedSeries) => string;
}

/** The names of a chart's lines with what they are now, or under the cursor. Each is a switch. */
export const Legend = ({ model, series, nameOf }: LegendProps) => (
  <div class="chart__legend">
    {series.map((one) => (
      <Key key={one.key} model={model} series={one} name={nameOf(one)} />
    ))}
    <ReadOutTime model={model} />
  </div>
);
