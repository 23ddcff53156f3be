import type uPlot from 'uplot';
import './language.ts';
import UPlot from 'uplot';
import { type AlarmBand, drawBands } from './alarm-bands.ts';
import { type AlignedTracks, align } from './align.ts';
import { exponentOf, inUnits } from './exponent.ts';
import { drawEnvelope, drawGaps, drawLanes, drawLimits, type Lane, type Limit } from './layers.ts';
import type { Palette } from './palette.ts';
import type { TimeWindow } from './range.ts';
import { extentOf, valueAxis } from './reading.ts';
import { tickLabel, tickStep, timeTicks } from './ticks.ts';
import type { Track } from './track.ts';
import { strokeOf } from './trend-series.ts';
import { axisLabels, gutterOf } from './value-ticks.ts';

const TIME_AXIS_PX = 22;
const TIME_LABEL_PX = 72;
/** Room beyond the right edge of the drawing, which half a label may use. */
const EDGE_PX = 16;
const LINE_PX = 1.35;
/** A drag shorter than this is a click. */
const MIN_DRAG_PX = 5;

/** A line of a chart. */
export interface PlotLine {
  readonly track: Track;
  /** Its place on the page, which gives it its colour. */
  readonly place: number;
}

/** What one chart shows at a moment. */
export interface PlotContent {
  readonly window: TimeWindow;
  readonly gaps: readonly TimeWindow[];
  readonly lines: readonly PlotLine[];
  readonly limits: readonly Limit[];
  readonly bands: readonly AlarmBand[];
  /** Rows of states instead of lines. */
  readonly lanes: readonly Lane[];
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly timezone: string;
  /** Charts of one group share the cursor. */
  readonly group: string;
  readonly onCursor: (at: number | undefined) => void;
  /** A part of time was chosen by dragging. */
  readonly onSelect: (window: TimeWindow) => void;
  readonly onDoubleClick: () => void;
}

/** A chart on the screen. */
export interface Plot {
  /** uPlot's own layer for the pointer. */
  readonly over: HTMLElement;
  /** Shows this, at once; with `isSameData` the lines are those of the last time, and only the window has moved. */
  draw(content: PlotContent, isSameData?: boolean): void;
  resize(width: number, height: number): void;
  momentAt(clientX: number): number;
  destroy(): void;
}

function timeAxis({ palette, timezone }: PlotOptions): uPlot.Axis {
  const space = TIME_LABEL_PX * palette.scale;
  const stepOf = (plot: uPlot, from: number, to: number) =>
    tickStep({ from, to }, Math.max(2, plot.bbox.width / devicePixelRatio / space));
  return {
    stroke: palette.axis,
    font: `${12 * palette.scale}px ${palette.font}`,
    size: TIME_AXIS_PX * palette.scale,
    gap: 4 * palette.scale,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    splits: (plot, _axis, from, to) => timeTicks({ from, to }, stepOf(plot, from, to), timezone),
    values: (plot, splits) => {
      const { min = 0, max = 1 } = plot.scales.x ?? {};
      const step = stepOf(plot, min, max);
      // A label that would be cut off at the right edge is left out.
      const last = plot.posToVal(plot.bbox.width / devicePixelRatio - (space / 2 - EDGE_PX * palette.scale), 'x');
      return splits.map((tick) => (tick > last ? '' : tickLabel(tick, step, timezone)));
    },
  };
}

const valueAxisOf = (
  { palette }: PlotOptions,
  isShown: boolean,
  labelsOf: (splits: number[]) => string[],
): uPlot.Axis => ({
  stroke: palette.axis,
  font: `${12 * palette.scale}px ${palette.font}`,
  size: (_, labels) => gutterOf(labels) * palette.scale,
  gap: 6 * palette.scale,
  space: 27 * palette.scale,
  grid: { show: isShown, stroke: palette.grid, width: 1 },
  ticks: { show: false },
  values: (_, splits) => (isShown ? labelsOf(splits) : splits.map(() => '')),
});

function seriesOf(lines: readonly PlotLine[], palette: Palette): uPlot.Series[] {
  const each = lines.map(({ place }): uPlot.Series => {
    const { colour, dash } = strokeOf(place);
    const stroke = palette.series[colour - 1] ?? palette.axis;
    return {
      stroke,
      width: LINE_PX * Math.max(1, palette.scale),
      ...(dash === undefined ? {} : { dash: dash.map((length) => length * palette.scale) }),
      points: { size: 4 * palette.scale, fill: stroke, width: 0 },
    };
  });
  return [{}, ...each];
}

/** What makes a chart a new one, and not the same with other data. */
const shapeOf = ({ lines, lanes }: PlotContent) => `${lanes.length > 0} ${lines.map(({ place }) => place)}`;

function cursorOf(options: PlotOptions): uPlot.Cursor {
  const moves = new Set(['mousemove', 'mouseleave']);
  const isMove = (type: string) => moves.has(type);
  return {
    y: false,
    drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
    sync: { key: options.group, setSeries: false, scales: ['x', null], filters: { pub: isMove, sub: isMove } },
    hover: { prox: 24 * options.palette.scale },
    points: { size: 7 * options.palette.scale, width: 1.5, stroke: options.palette.panel },
    bind: {
      dblclick: () => () => {
        options.onDoubleClick();
        return null;
      },
    },
  };
}

/** Makes a chart in an element. It shows nothing until it is drawn. */
export function createPlot(host: HTMLElement, options: PlotOptions, first: PlotContent): Plot {
  const { palette } = options;
  let content = first;
  /** The power of ten that it is drawn in. */
  let exponent = 0;
  let shape = '';
  let plot: uPlot;

  const under = (drawn: uPlot) => {
    drawGaps(drawn, content.gaps, palette);
    drawBands(drawn, content.bands, content.window, palette);
    for (const { track, place } of content.lines) {
      drawEnvelope(drawn, track, content.window, palette.series[strokeOf(place).colour - 1] ?? palette.axis);
    }
  };
  const select = (drawn: uPlot) => {
    const { left, width } = drawn.select;
    if (width < MIN_DRAG_PX) return;
    const window = { from: drawn.posToVal(left, 'x'), to: drawn.posToVal(left + width, 'x') };
    drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    options.onSelect(window);
  };

  const hasValues = () => content.lines.some(({ track }) => track.t.length > 0);
  const labelsOf = (splits: number[]) => (hasValues() ? axisLabels(splits, exponent) : splits.map(() => ''));

  const build = (width: number, height: number): uPlot =>
    new UPlot(
      {
        width,
        height,
        ms: 1,
        padding: [8 * palette.scale, 8 * palette.scale, 0, 0],
        scales: {
          x: { time: false, auto: false, range: (_, min, max) => [min, max] },
          y: { auto: false, range: (_, min, max) => [min, max] },
        },
        axes: [timeAxis(options), valueAxisOf(options, content.lanes.length === 0, labelsOf)],
        series: seriesOf(content.lines, palette),
        cursor: cursorOf(options),
        legend: { show: false },
        hooks: {
          drawAxes: [under],
          draw: [
            (drawn) => {
              drawLanes(drawn, content.lanes, palette);
              drawLimits(drawn, content.limits, palette);
            },
          ],
          setSelect: [select],
          setCursor: [
            ({ cursor, posToVal }) => {
              const { left = -1 } = cursor;
              options.onCursor(left < 0 ? undefined : posToVal(left, 'x'));
            },
          ],
        },
      },
      undefined,
      host,
    );

  const draw = (given: PlotContent, isSameData = false) => {
    const before = exponent;
    exponent = exponentOf(given);
    const next = inUnits(given, exponent);
    content = next;
    const nextShape = shapeOf(next);
    const isNew = plot === undefined || shape !== nextShape;
    if (isNew) {
      const { width, height } = plot ?? options;
      plot?.destroy();
      shape = nextShape;
      plot = build(width, height);
    }
    const { from, to } = next.window;
    const [low, high] =
      next.lanes.length > 0
        ? [0, 1]
        : valueAxis(
            extentOf(
              next.lines.map(({ track }) => track),
              next.window,
            ),
            next.limits.map(({ value }) => value),
          );
    plot.batch(() => {
      if (isNew || !isSameData || exponent !== before) plot.setData(dataOf(next), false);
      plot.setScale('x', { min: from, max: to });
      plot.setScale('y', { min: low, max: high });
    });
  };

  draw(first);
  return {
    get over() {
      return plot.over;
    },
    draw,
    resize: (width, height) => plot.setSize({ width, height }),
    momentAt: (clientX) => plot.posToVal(clientX - plot.over.getBoundingClientRect().left, 'x'),
    destroy: () => plot.destroy(),
  };
}

/** uPlot draws nothing at all without a moment: one with a value for nobody makes it draw axes and layers. */
function dataOf({ lines, window }: PlotContent): AlignedTracks {
  const aligned = align(lines.map(({ track }) => track));
  if (aligned[0].length > 0) return aligned;
  return [Float64Array.of(window.from, window.to), ...lines.map(() => [null, null])];
}
