import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatTime } from '../format/time.ts';
import { applianceNow } from '../state/clock.ts';
import { timezone } from '../state/session.ts';
import { text } from '../text/charts.ts';
import { gapsOf } from './gaps.ts';
import { fetchHistory } from './history.ts';
import type { TimeWindow } from './range.ts';
import { type Grip, moved, serves, surroundings } from './strip.ts';
import type { Track } from './track.ts';
import type { TrendModel } from './trend-model.ts';
import type { TrendSeries } from './trend-series.ts';

/** The window is drawn at least this wide, and is taken by fingers (px). */
const GRIP_PX = 12;
const KEY_STEP = 0.1;
/** A window further right than this would cover the date at the end. */
const LABEL_SHARE = 0.85;
/** Coordinates of the strip's curve. */
const [WIDTH, HEIGHT] = [1_000, 32];

function curveOf(track: Track, { from, to }: TimeWindow): string {
  const [low, high] = [Math.min(...track.y), Math.max(...track.y)];
  const breaks = new Set(gapsOf(track).map((gap) => gap.to));
  const y = (value: number) => (high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4));
  return track.t
    .map((t, place) => {
      const x = ((t - from) / (to - from)) * WIDTH;
      return `${place === 0 || breaks.has(t) ? 'M' : 'L'}${x.toFixed(1)} ${y(track.y[place] ?? 0).toFixed(1)}`;
    })
    .join('');
}

interface BrushProps {
  readonly model: TrendModel;
  /** Its curve is the strip's landmark. */
  readonly series: TrendSeries | undefined;
}

/** Fetches the strip's curve, and makes the strip anew when the window has left it. */
function useStrip({ model, series }: BrushProps) {
  const asked = useSignal(surroundings(model.view.window.peek(), applianceNow()));
  const strip = useSignal(asked.peek());
  const track = useSignal<Track | undefined>(undefined);
  useEffect(
    () =>
      model.view.window.subscribe((window) => {
        if (serves(strip.peek(), window)) return;
        asked.value = surroundings(window, applianceNow());
        strip.value = asked.peek();
      }),
    [model],
  );
  const key = series === undefined ? '' : `${series.deviceId} ${series.parameter}`;
  const { from, to } = asked.value;
  useEffect(() => {
    const left = new AbortController();
    track.value = undefined;
    if (series === undefined || series.kind !== 'number') return undefined;
    const { deviceId, parameter, kind } = series;
    const parameters = [{ name: parameter, kind }];
    fetchHistory({ deviceId, parameters, window: { from, to }, interval: 'auto' }, applianceNow(), left.signal).then(
      (found) => {
        if (left.signal.aborted) return;
        const curve = found.get(parameter);
        const window = model.view.window.peek();
        // Time before the first sample is of no use to anybody.
        const start = Math.min(curve?.t[0] ?? from, window.from - (window.to - window.from));
        strip.value = { from: Math.max(from, start), to };
        track.value = curve;
      },
      // Without its curve the strip still moves the window; the charts say what is wrong.
      () => {},
    );
    return () => left.abort();
  }, [key, from, to]);
  return { strip, track };
}

/** The time around what is shown, with a window to drag. */
export const Brush = ({ model, series }: BrushProps) => {
  const { strip, track } = useStrip({ model, series });
  const host = useRef<HTMLFieldSetElement>(null);
  const drag = useRef<{ grip: Grip; x: number; window: TimeWindow } | undefined>(undefined);
  const { from, to } = strip.value;
  const window = model.view.window.value;
  const share = (at: number) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const [left, right] = [share(window.from), share(window.to)];
  const msPerPx = () => (to - from) / (host.current?.clientWidth ?? 1);

  const onDown = (event: PointerEvent) => {
    const element = host.current;
    if (element === null || event.button !== 0) return;
    const x = event.clientX - element.getBoundingClientRect().left;
    const [start, end] = [left * element.clientWidth, right * element.clientWidth];
    const isBeside = x < start - GRIP_PX || x > end + GRIP_PX;
    const isWide = end - start > GRIP_PX * 2;
    const grip: Grip =
      isBeside || (!isWide && x > start && x < end)
        ? 'window'
        : x < start + GRIP_PX / 2
          ? 'start'
          : x > end - GRIP_PX / 2
            ? 'end'
            : 'window';
    const begun = isBeside
      ? moved(window, 'window', from + x * msPerPx() - (window.from + window.to) / 2, strip.peek())
      : window;
    if (isBeside) model.view.show(begun, true);
    drag.current = { grip, x: event.clientX, window: begun };
    element.setPointerCapture(event.pointerId);
  };
  const onMove = (event: PointerEvent) => {
    if (drag.current === undefined) return;
    const { grip, x, window: begun } = drag.current;
    model.view.show(moved(begun, grip, (event.clientX - x) * msPerPx(), strip.peek()), true);
  };
  const onUp = () => {
    drag.current = undefined;
  };
  const onKey = (grip: Grip) => (event: KeyboardEvent) => {
    const by = {
      ArrowLeft: -KEY_STEP,
      ArrowDown: -KEY_STEP,
      ArrowRight: KEY_STEP,
      ArrowUp: KEY_STEP,
      PageDown: -1,
      PageUp: 1,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    model.view.show(moved(window, grip, by * (window.to - window.from), strip.peek()), true);
  };
  const slider = (grip: Grip, label: string, at: number) => ({
    role: 'slider' as const,
    tabIndex: 0,
    'aria-label': label,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': Math.round(share(at) * 100),
    'aria-valuetext': formatTime(at, 'date_time', timezone.value),
    onKeyDown: onKey(grip),
  });

  return (
    <fieldset
      class="brush"
      aria-label={text.brush}
      ref={host}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={onUp}
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {track.value !== undefined && <path class="ser" d={curveOf(track.value, strip.value)} />}
      </svg>
      <span class="brush__at">{formatTime(from, 'date_minute', timezone.value)}</span>
      {right < LABEL_SHARE && <span class="brush__at">{formatTime(to, 'date_minute', timezone.value)}</span>}
      <div class="brush__win" style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}>
        <i class="brush__body" {...slider('window', text.brushWindow, (window.from + window.to) / 2)} />
        <i class="brush__grip" {...slider('start', text.brushStart, window.from)} />
        <i class="brush__grip" {...slider('end', text.brushEnd, window.to)} />
      </div>
    </fieldset>
  );
};
