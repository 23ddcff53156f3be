import { mintFactoryScope } from '../../src/core/scope.ts';
import {
  createHistorian,
  type HistoryAnswer,
  type HistoryPlace,
  type HistoryRequest,
  type HistorySeries,
  type HistoryTask,
  openHistoryEngine,
  writeAnswer,
} from '../../src/historian/historian.ts';
import type { WrittenSample } from './hot-history.ts';

/** A factory's scope as sign-in would mint it. */
export const scopeOf = (factoryId: number, timezone = 'UTC') =>
  mintFactoryScope({ factoryId, factoryUuid: `uuid-${factoryId}`, slug: `factory-${factoryId}`, timezone });

/** The historian over a database, with the query run in this thread. */
export async function historianOn(place: string | HistoryPlace) {
  const engine = await openHistoryEngine(typeof place === 'string' ? { hotDb: place } : place);
  const run = (task: HistoryTask) => engine.query(task, () => false);
  const historian = createHistorian({ run, write: async (task) => writeAnswer(task, await run(task)) });
  return {
    query: (request: HistoryRequest, factoryId = 1, timezone = 'UTC'): Promise<HistoryAnswer> =>
      historian.query(scopeOf(factoryId, timezone), request),
    [Symbol.dispose]: () => engine.close(),
  };
}

type Value = number | boolean | string;

const shown = (value: number | string, { kind }: HistorySeries): Value => (kind === 'boolean' ? value !== 0 : value);

/** What is stored once all samples are written: the last write of each (series, ts), in order of time. */
export function storedSamples(written: readonly WrittenSample[]): WrittenSample[] {
  const last = new Map(written.map((sample) => [`${sample.seriesId} ${sample.ts}`, sample]));
  return [...last.values()].sort((a, b) => a.ts - b.ts || a.seriesId - b.seriesId);
}

/** One point from the samples of a step, in order of time; written as the definition reads. */
export function modelPoint(t: number, samples: readonly WrittenSample[], series: HistorySeries) {
  const values = samples.map(({ value }) => value);
  const [first, last] = [values[0] ?? '', values.at(-1) ?? ''];
  const ends = { count: samples.length, first: shown(first, series), last: shown(last, series) };
  if (series.kind === 'state') return { t, avg: null, min: null, max: null, ...ends };
  const numbers = values.map(Number);
  return {
    t,
    avg: numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    min: shown(Math.min(...numbers), series),
    max: shown(Math.max(...numbers), series),
    ...ends,
  };
}
