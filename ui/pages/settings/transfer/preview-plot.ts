import type uPlot from 'uplot';
import '../../../charts/language.ts';
import UPlot from 'uplot';
import type { Palette } from '../../../charts/palette.ts';
import { tickLabel, tickStep, timeTicks } from '../../../charts/ticks.ts';
import { axisLabels } from '../../../charts/value-ticks.ts';
import { backsOf } from './stamps.ts';

/** Samples in the order of a file: epoch ms and value. */
export interface OrderedSamples {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

const GUTTER_PX = 56;
const AXIS_PX = 24;
const TRIANGLE_PX = 5;
const LABEL_PX = 27;

interface PlotsOptions {
  readonly palette: Palette;
  readonly timezone: string;
  /** Place of the sample under the pointer. */
  readonly onCursor: (place: number | undefined) => void;
}

/** A triangle that points down, and a dashed line, at each place where the time goes back. */
function drawBacks(plot: uPlot, backs: readonly number[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const size = TRIANGLE_PX * devicePixelRatio * palette.scale;
  ctx.save();
  ctx.strokeStyle = palette.limit;
  ctx.fillStyle = palette.limit;
  ctx.lineWidth = devicePixelRatio;
  for (const place of backs) {
    const x = Math.round(plot.valToPos(place + 1, 'x', true));
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top - size);
    ctx.lineTo(x + size, bbox.top - size);
    ctx.lineTo(x, bbox.top + size * 0.7);
    ctx.fill();
  }
  ctx.restore();
}

/** A scale from the least to the most, and as wide as can be drawn. */
function rangeOf(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - room, high + room];
}

/**
 * Draws samples by their order in the file, not by their time: values above, their times below, one sample under the
 * other. A time that goes back is a step down below, and marked in both. Returns what ends it.
 */
export function drawInOrder(
  hosts: readonly [HTMLElement, HTMLElement],
  { times, values }: OrderedSamples,
  options: PlotsOptions,
) {
  const { palette, timezone, onCursor } = options;
  const [colour = palette.axis] = palette.series;
  const backs = backsOf(times);
  const places = times.map((_, place) => place + 1);
  const font = `${12 * palette.scale}px ${palette.font}`;
  const base = { stroke: palette.axis, font, grid: { stroke: palette.grid, width: 1 }, ticks: { show: false } };
  const timeStep = (from: number, to: number, height: number) =>
    tickStep({ from, to }, Math.max(2, height / (LABEL_PX * palette.scale)));

  const plotOf = (host: HTMLElement, data: readonly number[], hasPlaces: boolean, y: uPlot.Axis): uPlot =>
    new UPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        ms: 1,
        padding: [10 * palette.scale, 16 * palette.scale, hasPlaces ? 0 : 6 * palette.scale, 0],
        scales: {
          x: { time: false, range: () => [1, Math.max(2, times.length)] },
          y: { range: () => rangeOf(data) },
        },
        axes: [
          {
            ...base,
            size: hasPlaces ? AXIS_PX * palette.scale : 0,
            gap: 4 * palette.scale,
            incrs: [1, 2, 5, 10, 20, 50, 100],
            values: (_, splits) => splits.map((split) => (hasPlaces ? String(split) : '')),
          },
          { ...base, size: GUTTER_PX * palette.scale, gap: 6 * palette.scale, space: LABEL_PX * palette.scale, ...y },
        ],
        series: [
          {},
          { stroke: colour, width: 1.35 * palette.scale, points: { show: times.length < 40, size: 4, fill: colour } },
        ],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: false, y: false },
          points: { size: 7, fill: colour },
          sync: { key: 'import', setSeries: false },
        },
        hooks: {
          draw: [(plot) => drawBacks(plot, backs, palette)],
          setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)],
        },
      },
      [places, [...data]],
      host,
    );

  const plots = [
    plotOf(hosts[0], values, false, { values: (_, splits) => axisLabels(splits) }),
    plotOf(hosts[1], times, true, {
      splits: (plot, _axis, from, to) =>
        timeTicks({ from, to }, timeStep(from, to, plot.bbox.height / devicePixelRatio), timezone),
      values: (plot, splits) => {
        const [from = 0, to = 1] = rangeOf(times);
        const step = timeStep(from, to, plot.bbox.height / devicePixelRatio);
        return splits.map((split) => tickLabel(split, step, timezone));
      },
    }),
  ];
  return () => {
    for (const plot of plots) plot.destroy();
  };
}
