import type uPlot from 'uplot';
import type { Severity } from '../components/severity.tsx';
import { text } from '../text/common.ts';
import type { Palette } from './palette.ts';
import type { TimeWindow } from './range.ts';

/** When an alarm stood, as charts of its device show it. Times are epoch ms. */
export interface AlarmBand {
  readonly id: string;
  readonly deviceId: string;
  /** Null: it is of the device as a whole, and stands in all its charts. */
  readonly parameter: string | null;
  readonly severity: Severity;
  readonly from: number;
  /** Null: it still stands. */
  readonly to: number | null;
}

const BAND_ALPHA = 0.13;
const HEAD_PX = 4;
/** The least that is drawn of an alarm, however short it was. */
const MIN_PX = 2;
/** What a word needs beside it. */
const ROOM_PX = 10;
const RANKS: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** The bands of a chart of these series: the worst are drawn last, above the others. */
export function bandsOf(
  bands: readonly AlarmBand[],
  series: readonly { readonly deviceId: string; readonly parameter: string }[],
): AlarmBand[] {
  const isShown = ({ deviceId, parameter }: AlarmBand) =>
    series.some((one) => one.deviceId === deviceId && (parameter === null || parameter === one.parameter));
  return bands.filter(isShown).toSorted((one, other) => RANKS[one.severity] - RANKS[other.severity]);
}

/** Whether any of an alarm lies in a window. */
export const overlaps = ({ from, to }: Pick<AlarmBand, 'from' | 'to'>, window: TimeWindow): boolean =>
  from < window.to && (to === null || to > window.from);

/** A tint from when an alarm was raised to when it cleared, with a solid head and, where there is room, its word. */
export function drawBands(plot: uPlot, bands: readonly AlarmBand[], window: TimeWindow, palette: Palette): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio * palette.scale;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineJoin = 'round';
  ctx.font = `500 ${12 * px}px ${palette.font}`;
  for (const band of bands) {
    if (!overlaps(band, window)) continue;
    const left = Math.max(bbox.left, plot.valToPos(Math.max(band.from, window.from), 'x', true));
    const end = plot.valToPos(Math.min(band.to ?? window.to, window.to), 'x', true);
    const width = Math.max(MIN_PX * px, Math.min(end, bbox.left + bbox.width) - left);
    ctx.fillStyle = palette.severities[band.severity];
    ctx.globalAlpha = BAND_ALPHA;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, bbox.top, width, HEAD_PX * px);
    const word = text.severity[band.severity];
    if (ctx.measureText(word).width + ROOM_PX * px > width) continue;
    const [x, y] = [left + 4 * px, bbox.top + (HEAD_PX + 3) * px];
    ctx.strokeStyle = palette.panel;
    ctx.lineWidth = 3 * px;
    ctx.strokeText(word, x, y);
    ctx.fillText(word, x, y);
  }
  ctx.restore();
}
