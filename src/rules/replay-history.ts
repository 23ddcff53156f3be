import type { HistoryEngine, HistorySeries, HistoryTask } from '../historian/historian.ts';
import type { Watch } from './condition.ts';
import { compile } from './fold.ts';
import { createReplay, type Firing, type Replay, type ReplayBounds, replayStart, rowAt } from './replay.ts';
import { deviatingIn } from './usual-seeding.ts';

/** A rule to be replayed on one device. Times are epoch ms, `to` exclusive. */
export interface ReplayTask {
  readonly factoryId: number;
  /** The factory's zone (IANA). */
  readonly timezone: string;
  readonly watch: Watch;
  /** Of the device's parameters those that the rule reads; others are left alone. */
  readonly series: readonly HistorySeries[];
  readonly from: number;
  readonly to: number;
  /** When the appliance did not run. */
  readonly outages: readonly (readonly [number, number])[];
  readonly bounds: ReplayBounds;
}

/** What a rule would have done on one device. */
export interface ReplayOutcome {
  readonly firings: readonly Firing[];
  /** It ends before `to`, because there is more than it may say. */
  readonly isTruncated: boolean;
  /** Samples of the range that were looked at. */
  readonly samples: number;
  /** Where it may have overlooked something: samples were removed, or their file is damaged or missing. */
  readonly incomplete: readonly { readonly from: number; readonly to: number }[];
}

/** What a replay finds in its thread. */
export interface ReplayContext {
  readonly isCancelled: () => boolean;
  /** Told how much is done, 0 to 1. */
  readonly progress: (fraction: number) => void;
}

type Engine = Pick<HistoryEngine, 'query' | 'walk'>;

const HOUR_MS = 3_600_000;
/** How far back a parameter's newest value and its usual are looked for. */
const MEMORY_MS = 8 * 7 * 24 * HOUR_MS;
/** Of an aggregated series: t, avg, min, max, count, first, last. */
const WIDTH = 7;

const isStored = ({ seriesId, also = [] }: HistorySeries) => seriesId > 0 || also.length > 0;

/** The hours of some series before a replay begins. */
const hoursTask = ({ factoryId }: ReplayTask, series: readonly HistorySeries[], to: number): HistoryTask => ({
  factoryId,
  timezone: 'UTC',
  series,
  from: to - MEMORY_MS,
  to,
  interval: '1h',
  limit: 0,
  after: undefined,
});

/** What the rule's parameters were when the replay begins: of most the newest sample is minutes old, of some weeks. */
async function knowNewest(
  engine: Engine,
  task: ReplayTask,
  bornAt: number,
  replay: Replay,
  isCancelled: () => boolean,
): Promise<void> {
  const { factoryId } = task;
  let unknown = task.series;
  const lookFrom = async (from: number, series: readonly HistorySeries[]) => {
    const newest = new Map<string, { readonly ts: number; readonly value: number | string }>();
    const names = namesOf(series);
    const range = { factoryId, series, from, to: bornAt };
    await engine.walk(
      range,
      (ts, seriesId, value, text) => newest.set(names.get(seriesId) ?? '', { ts, value: text ?? value }),
      { isCancelled },
    );
    for (const [parameter, { ts, value }] of newest) replay.know({ parameter, value }, ts);
    unknown = unknown.filter(({ parameter }) => !newest.has(parameter));
  };
  await lookFrom(bornAt - HOUR_MS, unknown);
  if (unknown.length === 0) return;
  const asked = unknown;
  const { series } = await engine.query(hoursTask(task, asked, bornAt), isCancelled);
  for (const [place, one] of asked.entries()) {
    const { numbers = new Float64Array(), texts = [] } = series[place] ?? {};
    const [hour, value] = [numbers.at(-WIDTH), texts.at(-1) ?? numbers.at(-1)];
    if (hour === undefined || value === undefined) continue;
    // Where only rollups are left, it was at the latest then.
    replay.know({ parameter: one.parameter, value }, hour + HOUR_MS - 1);
    const [from, to] = [hour, hour + HOUR_MS];
    await engine.walk(
      { factoryId, series: [one], from, to },
      (ts, _, number, text) => replay.know({ parameter: one.parameter, value: text ?? number }, ts),
      { isCancelled },
    );
  }
}

async function knowUsual(
  engine: Engine,
  task: ReplayTask,
  bornAt: number,
  replay: Replay,
  isCancelled: () => boolean,
): Promise<void> {
  const wanted = new Set(deviatingIn(task.watch));
  const asked = task.series.filter(({ parameter, kind }) => wanted.has(parameter) && kind !== 'state');
  if (asked.length === 0) return;
  const { series } = await engine.query(hoursTask(task, asked, bornAt), isCancelled);
  for (const [place, { parameter }] of asked.entries()) {
    const numbers = series[place]?.numbers ?? new Float64Array();
    const hours = Array.from({ length: numbers.length / WIDTH }, (_, index) => {
      const [start = 0, avg = 0, min = 0, max = 0, count = 0] = numbers.subarray(index * WIDTH, (index + 1) * WIDTH);
      return { start, avg, min, max, count };
    });
    replay.knowHours(parameter, hours);
  }
}

const namesOf = (series: readonly HistorySeries[]): Map<number, string> =>
  new Map(series.flatMap(({ seriesId, also = [], parameter }) => [seriesId, ...also].map((id) => [id, parameter])));

/**
 * Folds a rule over what is stored of a device, while it is read: by the fold that runs on live samples, so with the same
 * outcome, apart from what had come late or twice.
 *
 * @throws {AppError} as `HistoryEngine.walk`
 */
export async function replayHistory(
  engine: Engine,
  task: ReplayTask,
  { isCancelled, progress }: ReplayContext,
): Promise<ReplayOutcome> {
  const { factoryId, timezone, watch, from, to, outages, bounds } = task;
  const fold = compile(watch, { timezone, outages });
  const series = task.series.filter((one) => isStored(one) && fold.parameters.includes(one.parameter));
  const booleans = new Set(series.filter(({ kind }) => kind === 'boolean').map(({ parameter }) => parameter));
  const bornAt = replayStart(watch, from);
  const replay = createReplay({ fold, bornAt, from, to, bounds, isBoolean: (parameter) => booleans.has(parameter) });
  await knowNewest(engine, { ...task, series }, bornAt, replay, isCancelled);
  await knowUsual(engine, { ...task, series }, bornAt, replay, isCancelled);

  const places = new Map([...namesOf(series)].map(([id, name]) => [id, fold.parameters.indexOf(name)]));
  let samples = 0;
  const { missing } = await engine.walk(
    { factoryId, series, from: bornAt, to },
    (ts, seriesId, value, text) => {
      if (ts >= from) samples++;
      replay.take(ts, places.get(seriesId) ?? -1, text ?? value);
    },
    {
      isCancelled,
      visitColumns: (columns) => {
        for (const { stamps, start, end } of columns) samples += end - rowAt(stamps, from, start, end);
        replay.takeColumns(columns.map((each) => ({ ...each, place: places.get(each.seriesId) ?? -1 })));
      },
      isEnough: () => replay.isFull,
      onProgress: (ts) => progress((ts - bornAt) / (to - bornAt)),
    },
  );
  const incomplete = missing
    .filter((span) => span.to > from)
    .map((span) => ({ ...span, from: Math.max(from, span.from) }));
  return { ...replay.finish(), samples, incomplete };
}
