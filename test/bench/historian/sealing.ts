import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFactoryOps, type Template } from '../factoryops.ts';
import { type Figures, flood } from '../flood.ts';
import { POINTS_PER_MESSAGE } from '../load-protocol.ts';
import { type ScenarioResult, summarise } from '../results.ts';
import { DAY_MS } from './data-set.ts';
import { storageOf } from './storage.ts';

const CONNECTIONS = 50;
const BUCKET_MS = 600_000;
/** From message to message, of all devices: a plant of 100 messages a second, sent hundreds of times as fast. */
const STEP_MS = 10;
const POINTS_PER_BUCKET = (BUCKET_MS / STEP_MS) * POINTS_PER_MESSAGE;
/** Long enough ago that no stamp comes up to now, however fast they go in; older days are stored whole, in another way. */
const BEGINS_DAYS_AGO = 1;
/** What is due is looked for every ten seconds: by then the first buckets have been sealed, and it goes on like this. */
const WARM_UP_MS = 25_000;
const FULL_SECONDS = 60;
/** Two rounds of sealing: one would be seen or missed by chance. */
const LEAST_SECONDS = 20;
const SOON_S = 1;
/** No bucket is ever due: 30 years. */
const NEVER_S = 1e9;

type Way = 'sealing' | 'not sealing';

/** One flood, from an empty directory. @throws {Error} when buckets are sealed that should not be, or none that should */
async function run(template: Template, way: Way, seconds: number): Promise<Figures> {
  using stack = new DisposableStack();
  const dataDir = stack.adopt(template.copy(), (copy) => template.drop(copy));
  const historian = { bucket_s: BUCKET_MS / 1_000, lateness_s: way === 'sealing' ? SOON_S : NEVER_S };
  writeFileSync(join(dataDir, 'factoryops.config.json'), JSON.stringify({ log: { level: 'warn' }, historian }));
  await using subject = await startFactoryOps(dataDir);
  const figures = await flood(subject, {
    qos: 1,
    connections: CONNECTIONS,
    seconds,
    warmUpMs: WARM_UP_MS,
    stamps: { fromMs: Math.floor(Date.now() / DAY_MS - BEGINS_DAYS_AGO) * DAY_MS, stepMs: STEP_MS },
    counts: () => ({ sealed_buckets: storageOf(dataDir).sealedBuckets }),
  });
  const sealed = figures.sealed_buckets ?? 0;
  if (way === 'sealing' ? sealed === 0 : storageOf(dataDir).sealedBuckets > 0) {
    throw new Error(`${sealed} buckets were sealed in the run "${way}"`);
  }
  const sealedPerSecond = (sealed * POINTS_PER_BUCKET) / seconds;
  return { ...figures, sealed_points_per_second: Math.round(sealedPerSecond) };
}

/** What sealing costs ingest. */
export interface SealingCost {
  readonly results: readonly ScenarioResult[];
  /** Median rate of ingest with sealing, as a share of the median rate without. */
  readonly rateRatio: number;
  /** The same of each pair of runs, one after the other. */
  readonly rateRatioByPair: readonly number[];
  /** Processor time of the appliance for each point that came in, with sealing to without: medians again. */
  readonly cpuRatio: number;
}

/**
 * The rate of ingest (QoS 1, as much as it takes) with sealing beside it and without any, in turns whose order changes,
 * each on a data directory of its own. Stamps go on so fast that a bucket is over every few seconds, and sealing goes
 * on all the time; a day is not over before the run is, so that nothing is compacted. `sealed_points_per_second` says
 * whether sealing keeps up: a smaller share of what comes in costs less than it will. The rates need a machine that has
 * nothing else to do; the processor time is worth something on a busy one too.
 */
export async function measureSealing(
  template: Template,
  { runs, scale, say }: { readonly runs: number; readonly scale: number; readonly say: (text: string) => void },
): Promise<SealingCost> {
  const seconds = Math.max(LEAST_SECONDS, Math.round(FULL_SECONDS * scale));
  const figures: Readonly<Record<Way, Figures[]>> = { sealing: [], 'not sealing': [] };
  for (let pair = 1; pair <= runs; pair++) {
    const ways: readonly Way[] = pair % 2 === 1 ? ['sealing', 'not sealing'] : ['not sealing', 'sealing'];
    for (const way of ways) {
      say(`sealing, run ${pair} of ${runs}: ${way}, ${WARM_UP_MS / 1_000 + seconds} s`);
      const result = await run(template, way, seconds);
      figures[way].push(result);
      say(`  ${result.points_per_second} points a second, ${result.sealed_points_per_second} sealed`);
    }
  }
  const ratio = (one: Figures | undefined, other: Figures | undefined, name: string) =>
    Number(((one?.[name] ?? Number.NaN) / (other?.[name] ?? Number.NaN)).toFixed(3));
  const sealing = summarise('sealing', 'factoryops, sealing', figures.sealing);
  const without = summarise('sealing', 'factoryops, not sealing', figures['not sealing']);
  return {
    results: [sealing, without],
    rateRatio: ratio(sealing.median, without.median, 'points_per_second'),
    rateRatioByPair: sealing.runs.map((run, pair) => ratio(run, without.runs[pair], 'points_per_second')),
    cpuRatio: ratio(sealing.median, without.median, 'cpu_s_per_million_points'),
  };
}
