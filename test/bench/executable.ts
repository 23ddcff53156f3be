/**
 * What the single file costs: size, time to say its version, time to the ready line and memory, beside the same figures
 * of the checkout and the least that Node itself needs. Build it first (`npm run build`).
 *
 *   npm run --silent bench:executable -- [--runs 5]
 *
 * JSON goes to stdout, a table to stderr. Times count from starting the process (ms); the files are warm.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { EXECUTABLE } from '../support/executable.ts';
import { CHECKOUT, createTemplate, type Program, startFactoryOps, type Template } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { processFigures } from './process-figures.ts';
import { describeMachine, describeVersions, summarise } from './results.ts';

const IDLE_MS = 10_000;
const MB = 1e6;
const SUBJECTS: Readonly<Record<string, Program>> = { executable: [EXECUTABLE], checkout: CHECKOUT };

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs = Number(values.runs);
const say = (line: string) => process.stderr.write(`${line}\n`);

function timeOf([command, ...args]: Program): number {
  const startedAt = performance.now();
  const { status } = spawnSync(command, args, { env: {}, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: run "npm run build" first`);
  return performance.now() - startedAt;
}

/** Starts on a directory that was used before, without the libraries when it is to be a first start, and rests. */
async function startAndRest(template: Template, program: Program, isFirst: boolean): Promise<Figures> {
  const dataDir = template.copy();
  try {
    if (isFirst) rmSync(join(dataDir, 'runtime'), { recursive: true, force: true });
    await using subject = await startFactoryOps(dataDir, program);
    if (isFirst) return { first_start_ms: subject.readyAfterMs };
    await delay(IDLE_MS);
    return { start_ms: subject.readyAfterMs, idle_rss_mb: processFigures(subject.pid).rssBytes / MB };
  } finally {
    template.drop(dataDir);
  }
}

/** One run of each subject in turn, so that a slow minute of the machine meets both. */
async function runOf(program: Program, template: Template): Promise<Figures> {
  return {
    version_ms: timeOf([...program, 'version']),
    ...(await startAndRest(template, program, true)),
    ...(await startAndRest(template, program, false)),
  };
}

const figures: Record<string, Figures[]> = { executable: [], checkout: [], bare_node: [] };
for (const program of Object.values(SUBJECTS)) timeOf([...program, 'version']);
// Seeded by the executable, so that its libraries are there and need not be unpacked in the runs that are not the first.
using template = createTemplate([EXECUTABLE]);
for (let run = 1; run <= runs; run++) {
  say(`run ${run} of ${runs}`);
  for (const [name, program] of Object.entries(SUBJECTS)) figures[name]?.push(await runOf(program, template));
  figures.bare_node?.push({ version_ms: timeOf([process.execPath, '--eval', '0']) });
}

const content = readFileSync(EXECUTABLE);
const compressed = zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 12 } });
const size = { executable_mb: content.length / MB, zstd_12_mb: compressed.length / MB };
const medians = Object.fromEntries(
  Object.entries(figures).map(([name, list]) => [name, summarise('executable', name, list).median]),
);
const report = { machine: describeMachine(), versions: describeVersions(null), runs: figures, size, medians };
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
for (const [name, list] of Object.entries({ size, ...medians })) {
  say(name);
  for (const [key, value] of Object.entries(list)) say(`  ${key.padEnd(18)} ${Math.round(Number(value) * 10) / 10}`);
}
