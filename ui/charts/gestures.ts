import type { Plot } from './plot.ts';
import type { View } from './view.ts';

/** Wheel notches are 100 px; one of them zooms by this much. */
const ZOOM_PER_PX = 0.0016;
const KEY_ZOOM = 1.5;
const KEY_PAN = 0.2;
/** While the page is being scrolled, a chart that comes under the pointer lets it scroll on (ms). */
const SCROLLING_MS = 350;

let lastScrollAt = Number.NEGATIVE_INFINITY;

/** Notes that the page scrolls; the listener is one for all charts, and stays. */
document.addEventListener(
  'scroll',
  () => {
    lastScrollAt = performance.now();
  },
  { passive: true, capture: true },
);

function onWheel(event: WheelEvent, plot: Plot, view: View): void {
  if (performance.now() - lastScrollAt < SCROLLING_MS) return;
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  const [x, y] = [event.deltaX * lines, event.deltaY * lines];
  const isSideways = event.shiftKey || Math.abs(x) > Math.abs(y);
  event.preventDefault();
  if (isSideways) view.pan((x || y) / plot.over.clientWidth);
  else view.zoom(Math.exp(y * ZOOM_PER_PX), plot.momentAt(event.clientX));
}

/** One finger drags time along, two pinch it; up and down the page scrolls as ever (`touch-action: pan-y`). */
function followFingers(view: View): (event: PointerEvent, plot: Plot) => void {
  const fingers = new Map<number, number>();
  const spread = () => {
    const at = [...fingers.values()];
    return Math.max(20, Math.abs((at[0] ?? 0) - (at[1] ?? 0)));
  };
  const middle = () => [...fingers.values()].reduce((sum, at) => sum + at, 0) / fingers.size;
  return (event, plot) => {
    if (event.pointerType !== 'touch') return;
    if (event.type === 'pointerdown') fingers.set(event.pointerId, event.clientX);
    if (event.type === 'pointerup' || event.type === 'pointercancel') fingers.delete(event.pointerId);
    if (event.type !== 'pointermove' || !fingers.has(event.pointerId)) return;
    const [before, center] = [spread(), middle()];
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size > 1) view.zoom(before / spread(), plot.momentAt(middle()));
    const moved = center - middle();
    if (moved !== 0) view.pan(moved / plot.over.clientWidth);
  };
}

/** Keys on a chart that has the focus: arrows move, + and - zoom, Esc goes back. Returns whether the key was one. */
export function onChartKey(event: KeyboardEvent, view: View): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.pan(-KEY_PAN),
    ArrowRight: () => view.pan(KEY_PAN),
    '+': () => view.zoom(1 / KEY_ZOOM),
    '=': () => view.zoom(1 / KEY_ZOOM),
    '-': () => view.zoom(KEY_ZOOM),
    Escape: () => view.back(),
    Backspace: () => view.back(),
    End: () => view.goLive(),
  };
  const action = actions[event.key];
  if (action === undefined) return false;
  event.preventDefault();
  action();
  return true;
}

const POINTER_EVENTS = ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const;

/** Lets wheel and fingers move a chart's time; returns what ends it. */
export function bindGestures(host: HTMLElement, plot: () => Plot | undefined, view: View): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const plotUnder = ({ target }: Event) => {
    const drawn = plot();
    return target instanceof Node && drawn?.over.contains(target) === true ? drawn : undefined;
  };
  const wheel = (event: WheelEvent) => {
    const under = plotUnder(event);
    if (under !== undefined) onWheel(event, under, view);
  };
  const onFinger = followFingers(view);
  const finger = (event: PointerEvent) => {
    const under = plotUnder(event);
    if (under !== undefined) onFinger(event, under);
  };
  host.addEventListener('wheel', wheel, { passive: false, signal });
  for (const name of POINTER_EVENTS) host.addEventListener(name, finger, { signal });
  return () => ending.abort();
}
