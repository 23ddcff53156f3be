/**
 * Asks every operation of the OpenAPI document, rightly, nearly rightly and with bad intent, and checks every answer.
 *
 *   npm run fuzz -- [--requests 10000] [--seed 1] [--operation getDevices]
 *
 * Exit code 1 when an answer was wrong: the smallest request that was found is printed. `TEST_LOG=error` shows what the
 * appliance logs about it.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import type { FuzzReport } from './tally.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string' },
    operation: { type: 'string' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const [requests, seed] = [Number(values.requests), Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31))];
if (!(requests >= 1 && Number.isInteger(seed))) throw new Error('--requests and --seed take whole numbers');

function sayWhat({ statuses, failures, ...report }: FuzzReport): void {
  for (const [operation, counts] of statuses) {
    const list = [...counts].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status} × ${count}`);
    const hasSucceeded = [...counts.keys()].some((status) => status < 300);
    say(`${operation}: ${list.join(', ')}${hasSucceeded ? '' : ' (never a success)'}`);
  }
  for (const { operation, message } of failures) {
    say(`\n${operation}: ${message}`);
    say(`  again: npm run fuzz -- --requests ${requests} --seed ${seed}`);
  }
  say(
    `\n${report.requests} requests, seed ${seed}: ${failures.length === 0 ? 'all answers were as documented' : `${failures.length} operations failed`}`,
  );
}

const report = await fuzz({ requests, seed, operation: values.operation, say });
sayWhat(report);
process.exitCode = report.failures.length === 0 ? 0 : 1;
