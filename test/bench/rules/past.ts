import { archivedHistory, placeIn } from '../../support/archived-history.ts';
import { batchOf, NOW, seriesOf } from '../../support/hot-history.ts';

const DAY_MS = 86_400_000;
const BATCH_ROWS = 50_000;
/** A round seals and compacts as much as it may at once. */
const MOST_ROUNDS = 200;

/** Stored history of one device: parameters `p1` to `p5`, series 1 to 5, a sample of each every second. */
export interface Past extends AsyncDisposable {
  readonly root: string;
  readonly place: ReturnType<typeof placeIn>;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** A slow swing around 50 with noise: it is above 80 for some minutes of each hour or so. */
const valueAt = (second: number, series: number): number => {
  const swing = 32 * Math.sin(second / 600 + series) + 6 * Math.sin(second / 47);
  return Math.round((50 + swing + ((second * 7_919) % 100) / 50) * 100) / 100;
};

/** Makes it, sealed in files of a day and rolled up, as it is when nothing is left to do. */
export async function makePast(days: number, parameters: number, say: (text: string) => void): Promise<Past> {
  const history = await archivedHistory({ bucketSeconds: 86_400, worthRows: 10_000 });
  const to = Math.floor(NOW / DAY_MS) * DAY_MS - DAY_MS;
  const from = to - days * DAY_MS;
  const series = Array.from({ length: parameters }, (_, place) => seriesOf(place + 1));
  let isFirst = true;
  const secondsAtOnce = Math.floor(BATCH_ROWS / parameters);
  for (let day = from; day < to; day += DAY_MS) {
    for (let second = 0; second < DAY_MS / 1_000; second += secondsAtOnce) {
      const count = Math.min(secondsAtOnce, DAY_MS / 1_000 - second);
      const base = day / 1_000 + second;
      const samples = Array.from({ length: count * parameters }, (_, index) => {
        const at = Math.floor(index / parameters);
        const seriesId = 1 + (index % parameters);
        return { seriesId, ts: (base + at) * 1_000, value: valueAt((base + at) % 10_000_000, seriesId) };
      });
      history.writer.commit(batchOf(samples, isFirst ? series : []));
      isFirst = false;
    }
    await history.archive.round();
  }
  say('history is written; it is being compacted');
  for (let round = 0, before = -1; round < MOST_ROUNDS && before !== history.archive.sizeBytes; round++) {
    before = history.archive.sizeBytes;
    await history.archive.round();
  }
  const rows = (days * DAY_MS * parameters) / 1_000;
  return {
    root: history.root,
    place: placeIn(history.root),
    from,
    to,
    rows,
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  };
}
