import type { Figures } from '../flood.ts';
import { processFigures } from '../process-figures.ts';
import { underLoad } from './background.ts';
import { type DataSet, pointsOf } from './data-set.ts';
import type { HistorianSubject } from './historian-subject.ts';
import { createPhases } from './phases.ts';
import { type Asking, askAll, isAsked } from './questions.ts';

/** One run. */
export interface RunOptions extends Asking {
  /** Messages a second while the questions are put again. */
  readonly backgroundRate: number;
}

async function load(subject: HistorianSubject, set: DataSet): Promise<Figures> {
  const points = pointsOf(set);
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  await subject.load(set);
  const seconds = (performance.now() - startedAt) / 1_000;
  const loader = process.cpuUsage(cpuBefore);
  const { cpuSeconds } = processFigures(subject.pid);
  const stored = await subject.storedPoints();
  if (stored !== null && stored !== points) throw new Error(`${points} points were sent, ${stored} are stored`);
  return {
    points,
    load_points_per_second: Math.round(points / seconds),
    load_cpu_s_per_million_points: Number(((cpuSeconds * 1e6) / points).toFixed(2)),
    /** Of this process while it made and sent the telemetry: what the subject could not have of the machine. */
    loader_cores: Number(((loader.user + loader.system) / 1e6 / seconds).toFixed(2)),
  };
}

async function settle(subject: HistorianSubject, points: number): Promise<Figures> {
  const cpuBefore = processFigures(subject.pid).cpuSeconds;
  const settled = await subject.settle();
  const cpuSeconds = processFigures(subject.pid).cpuSeconds - cpuBefore;
  return {
    settle_s: Number(settled.seconds.toFixed(1)),
    settle_cpu_s: Number(cpuSeconds.toFixed(1)),
    bytes_per_point: Number((settled.sampleBytes / points).toFixed(3)),
    rollup_bytes_per_point: settled.rollupBytes === null ? null : Number((settled.rollupBytes / points).toFixed(3)),
    directory_bytes_per_point: Number((settled.directoryBytes / points).toFixed(3)),
    files: settled.files,
  };
}

/** One run of one subject, from an empty directory: telemetry in, at rest, asked, and asked while more comes in. */
export async function measure(start: () => Promise<HistorianSubject>, options: RunOptions): Promise<Figures> {
  const { set, backgroundRate, say } = options;
  await using subject = await start();
  const phases = createPhases(subject.pid, say);
  const loaded = await phases.run('load', () => load(subject, set));
  const settled = await phases.run('settle', () => settle(subject, pointsOf(set)));
  if (!isAsked(options)) return { ...loaded, ...settled, ...phases.rss() };
  const quiet = await phases.run('questions', () => askAll(subject, options));
  const busy = await phases.run('questions_under_load', () =>
    underLoad(subject, set, backgroundRate, () => askAll(subject, options, '_under_load')),
  );
  say(`${busy.under_load_messages_per_second} messages a second came in meanwhile`);
  return { ...loaded, ...settled, ...quiet, ...busy, ...phases.rss() };
}
