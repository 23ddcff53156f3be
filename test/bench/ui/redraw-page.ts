import { readPalette } from '../../../ui/charts/palette.ts';
import { createPlot, type PlotContent } from '../../../ui/charts/plot.ts';
import { addLive, emptyTrack, type Track } from '../../../ui/charts/track.ts';

/** Runs in the browser: times how charts of the product are drawn, by the product's own code. */

/** Time on the main thread for each frame (ms). */
export interface Redraws {
  /** One new sample in each series: aligned, ranged and painted anew, as while following live. */
  readonly live: readonly number[];
  /** The same samples in another window, as while dragging. */
  readonly pan: readonly number[];
  /** The same points as bare paths on a canvas. */
  readonly bare: readonly number[];
}

const START = Date.UTC(2026, 0, 1);
const STEP_MS = 1_000;

/** A random walk of so many samples. */
function walk(points: number, seed: number): Track {
  const track = emptyTrack('raw', 'number');
  let value = seed * 10;
  let state = seed;
  for (let place = 0; place < points; place++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    value += state / 2_147_483_648 - 0.5;
    addLive(track, START + place * STEP_MS, value);
  }
  return track;
}

const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));

/** The least that a browser has to do: the same points as paths, on a canvas of the same size. */
function strokesOn(host: HTMLElement, tracks: readonly Track[], points: number): () => void {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1_200, 320];
  host.append(canvas);
  const ctx = canvas.getContext('2d');
  return () => {
    if (ctx === null) return;
    ctx.clearRect(0, 0, 1_200, 320);
    for (const { y } of tracks) {
      ctx.beginPath();
      for (let place = 0; place < points; place++) ctx.lineTo((place / points) * 1_200, 160 + (y[place] ?? 0));
      ctx.stroke();
    }
  };
}

/** Draws a chart of `series` lines of `points` samples each, `rounds` times in both ways. */
export async function redraw(points: number, series: number, rounds: number): Promise<Redraws> {
  const host = document.createElement('div');
  Object.assign(host.style, { width: '1200px', height: '320px', position: 'relative' });
  document.body.append(host);
  const tracks = Array.from({ length: series }, (_, place) => walk(points, place + 1));
  const content = (shiftMs: number): PlotContent => ({
    window: { from: START + shiftMs, to: START + shiftMs + points * STEP_MS },
    gaps: [],
    lines: tracks.map((track, place) => ({ track, place })),
    limits: [],
    lanes: [],
  });
  const plot = createPlot(
    host,
    {
      width: 1_200,
      height: 320,
      palette: readPalette(),
      timezone: 'UTC',
      group: 'bench',
      onCursor: () => {},
      onSelect: () => {},
      onDoubleClick: () => {},
    },
    content(0),
  );
  const [live, pan, bare]: [number[], number[], number[]] = [[], [], []];
  const timed = async (into: number[], draw: () => void) => {
    const begun = performance.now();
    draw();
    into.push(performance.now() - begun);
    await frame();
  };
  for (let round = 0; round < rounds; round++) {
    await timed(live, () => {
      for (const track of tracks) addLive(track, START + (points + round) * STEP_MS, Math.sin(round));
      plot.draw(content(round * STEP_MS));
    });
  }
  for (let round = 0; round < rounds; round++) {
    await timed(pan, () => plot.draw(content(round * STEP_MS * 7), true));
  }
  plot.destroy();
  const strokes = strokesOn(host, tracks, points);
  for (let round = 0; round < rounds; round++) await timed(bare, strokes);
  host.remove();
  return { live, pan, bare };
}

Object.assign(globalThis, { redrawCharts: redraw });
