/** Rows drawn beyond each edge of the window, at least: scrolling must not show holes. */
const MIN_OVERSCAN = 8;
/** The range moves in steps of this many rows, so that scrolling by a row draws nothing anew. */
const STEP = 8;

export interface RowWindow {
  readonly start: number;
  /** After the last one drawn. */
  readonly end: number;
}

/**
 * Which rows of a long list are to be drawn: those in sight, and as many again on both sides, because a flick scrolls
 * further than the next frame.
 *
 * @param top - where the first row is or would be, from the upper edge of the window (px); negative when scrolled by
 */
export function rowWindow(list: { count: number; rowHeight: number; top: number; windowHeight: number }): RowWindow {
  const { count, rowHeight, top, windowHeight } = list;
  const inSight = Math.ceil(windowHeight / rowHeight);
  const overscan = Math.max(MIN_OVERSCAN, inSight);
  const first = Math.floor((-top / rowHeight - overscan) / STEP) * STEP;
  const last = Math.ceil(((windowHeight - top) / rowHeight + overscan) / STEP) * STEP;
  const start = Math.max(0, Math.min(first, count - inSight));
  return { start, end: Math.max(start, Math.min(count, last)) };
}
