import type uPlot from 'uplot';
import type { Severity } from '../components/severity.tsx';
import { gapsOf } from './gaps.ts';
import type { Palette } from './palette.ts';
import type { TimeWindow } from './range.ts';
import type { Run } from './reading.ts';
import { placeOf, type Track } from './track.ts';

/** What charts paint themselves, below and above the lines of uPlot. All lengths are device pixels. */

const ENVELOPE_ALPHA = 0.16;
const HATCH_PX = 6;

const tiles = new Map<string, HTMLCanvasElement>();

/** Diagonal lines that say: nothing is known here. */
function hatchTile(colour: string, px: number): HTMLCanvasElement {
  const key = `${colour} ${px}`;
  const known = tiles.get(key);
  if (known !== undefined) return known;
  const tile = document.createElement('canvas');
  const size = Math.round(HATCH_PX * 1.4 * px);
  [tile.width, tile.height] = [size, size];
  const ctx = tile.getContext('2d');
  if (ctx !== null) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.25 * px;
    for (const shift of [-size, 0, size]) {
      ctx.moveTo(shift, size);
      ctx.lineTo(shift + size, 0);
    }
    ctx.stroke();
  }
  tiles.set(key, tile);
  return tile;
}

/** Draws inside the plotting area only. */
function clipped({ ctx, bbox }: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  draw(ctx);
  ctx.restore();
}

/** Hatches the times of which nothing is known. */
export function drawGaps(plot: uPlot, gaps: readonly TimeWindow[], { line }: Palette): void {
  clipped(plot, (ctx) => {
    ctx.fillStyle = ctx.createPattern(hatchTile(line, devicePixelRatio), 'repeat') ?? line;
    for (const { from, to } of gaps) {
      const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)];
      ctx.fillRect(left, plot.bbox.top, right - left, plot.bbox.height);
    }
  });
}

/** The area between the lowest and the highest of each interval, broken at gaps. */
export function drawEnvelope(plot: uPlot, track: Track, { from, to }: TimeWindow, colour: string): void {
  if (track.low.length === 0) return;
  const start = Math.max(0, placeOf(track.t, from) - 1);
  const end = Math.min(track.t.length, placeOf(track.t, to) + 1);
  const breaks = new Set(gapsOf(track).map((gap) => gap.to));
  const x = (place: number) => plot.valToPos(track.t[place] ?? 0, 'x', true);
  const y = (value: number | undefined) => plot.valToPos(value ?? 0, 'y', true);
  clipped(plot, (ctx) => {
    ctx.globalAlpha = ENVELOPE_ALPHA;
    ctx.fillStyle = colour;
    let first = start;
    while (first < end) {
      let last = first;
      while (last + 1 < end && !breaks.has(track.t[last + 1] ?? 0)) last++;
      ctx.beginPath();
      for (let place = first; place <= last; place++) ctx.lineTo(x(place), y(track.high[place]));
      for (let place = last; place >= first; place--) ctx.lineTo(x(place), y(track.low[place]));
      ctx.fill();
      first = last + 1;
    }
  });
}

export interface Limit {
  readonly value: number;
  /** The word on the line. */
  readonly label: string;
  readonly side: 'low' | 'high';
  /** Of the rule that it is of; the parameter's own limits have none. */
  readonly severity?: Severity | undefined;
  /** Dotted, and not as strong: a line that belongs to another one. */
  readonly isFaint?: boolean;
}

interface Label {
  readonly baseline: number;
  readonly width: number;
}

/**
 * How far from the left labels begin so that none covers another: what is as high as one before stands beside it.
 *
 * @param height - of a label
 * @param gap - between one and the next
 */
export function labelStarts(labels: readonly Label[], height: number, gap: number): number[] {
  const starts: number[] = [];
  for (const { baseline, width } of labels) {
    const beside = starts
      .map((start, place) => ({ start, ...(labels[place] as Label) }))
      .filter((other) => Math.abs(other.baseline - baseline) < height)
      .toSorted((one, other) => one.start - other.start);
    let start = 0;
    for (const other of beside) {
      if (other.start < start + width + gap) start = Math.max(start, other.start + other.width + gap);
    }
    starts.push(start);
  }
  return starts;
}

/** Dashed lines with their words: above an upper limit's line, below a lower one's, where there is room. */
export function drawLimits(plot: uPlot, limits: readonly Limit[], palette: Palette): void {
  const { left, top, width, height } = plot.bbox;
  const px = devicePixelRatio * palette.scale;
  clipped(plot, (ctx) => {
    ctx.font = `500 ${12 * px}px ${palette.font}`;
    ctx.lineJoin = 'round';
    const lines = limits.map((limit) => {
      const y = Math.round(plot.valToPos(limit.value, 'y', true)) + 0.5;
      const hasRoomAbove = y - 16 * px >= top;
      const hasRoomBelow = y + 16 * px <= top + height;
      const isAbove = limit.side === 'high' ? hasRoomAbove : !hasRoomBelow;
      const baseline = isAbove ? y - 5 * px : y + 13 * px;
      return { ...limit, y, baseline, width: ctx.measureText(limit.label).width };
    });
    const starts = labelStarts(lines, 14 * px, 10 * px);
    for (const [place, { label, severity, isFaint = false, y, baseline }] of lines.entries()) {
      const colour = severity === undefined ? palette.limit : palette.severities[severity];
      ctx.globalAlpha = isFaint ? 0.7 : 1;
      ctx.strokeStyle = colour;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash(isFaint ? [1.5 * px, 3 * px] : [6 * px, 3 * px]);
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
      ctx.setLineDash([]);
      const x = left + 6 * px + (starts[place] ?? 0);
      ctx.strokeStyle = palette.panel;
      ctx.lineWidth = 3 * px;
      ctx.strokeText(label, x, baseline);
      ctx.fillStyle = colour;
      ctx.fillText(label, x, baseline);
    }
  });
}

/** One row of a chart of states. */
export interface Lane {
  readonly name: string;
  readonly runs: readonly Run[];
  /** Text of a state; its shade (0-1), none for a thin line alone, as for "off". */
  readonly wordOf: (state: string | boolean) => string;
  readonly shadeOf: (state: string | boolean) => number;
}

/** The tallest that a lane is. */
const LANE_PX = 56;
/** Share of a lane that its name takes; the rest is its band. */
const NAME_SHARE = 0.44;

/** States as bands in shades of grey, each with its word where there is room; names above them. */
export function drawLanes(plot: uPlot, lanes: readonly Lane[], palette: Palette): void {
  const { left, top, width, height } = plot.bbox;
  const px = devicePixelRatio * palette.scale;
  const each = Math.min(LANE_PX * px, height / Math.max(1, lanes.length));
  const band = each * (1 - NAME_SHARE) - 3 * px;
  clipped(plot, (ctx) => {
    ctx.textBaseline = 'middle';
    lanes.forEach(({ name, runs, wordOf, shadeOf }, row) => {
      const y = top + row * each + each * NAME_SHARE;
      for (const { from, to, state } of runs) {
        const start = Math.max(left, plot.valToPos(from, 'x', true));
        const end = Math.min(left + width, plot.valToPos(to, 'x', true));
        if (end < left || start > left + width) continue;
        const shade = shadeOf(state);
        ctx.fillStyle = palette.text;
        ctx.globalAlpha = shade > 0 ? shade : 0.35;
        if (shade > 0) ctx.fillRect(start, y, Math.max(px, end - start - (end - start > 4 * px ? px : 0)), band);
        else ctx.fillRect(start, y + band - 1.5 * px, Math.max(px, end - start), 1.5 * px);
        ctx.globalAlpha = 1;
        ctx.font = `${12 * px}px ${palette.font}`;
        const word = wordOf(state);
        if (band < 11 * px || end - start < 24 * px || ctx.measureText(word).width > end - start - 10 * px) continue;
        ctx.fillStyle = shade > 0.5 ? palette.panel : palette.text;
        ctx.fillText(word, start + 5 * px, y + band / 2 + 0.5 * px);
      }
      ctx.font = `500 ${12 * px}px ${palette.font}`;
      ctx.fillStyle = palette.axis;
      ctx.fillText(name, left + 2 * px, y - (each * NAME_SHARE) / 2 + px);
    });
  });
}
