import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { AppError, systemCode } from '../core/errors.ts';
import { backfill, DEFAULT_DEVICES, failureComing, runSimulation } from '../simulator/simulator.ts';
import { withCommonOptions } from './options.ts';

const DAY_MS = 86_400_000;

interface SimulateOptions {
  readonly url: string;
  readonly factory: string;
  readonly devices: string;
  readonly rate: string;
  readonly speed: string;
  readonly seed: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly backfill: string;
  readonly backfillStep: string;
  readonly failureIn?: string;
  readonly quiet?: boolean;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new AppError('usage', `${option} takes a number, not "${text}"`);
}

function passwordFrom(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new AppError('usage', `cannot read the password file ${file} (${systemCode(error)}): check --password-file`, {
      cause: error,
    });
  }
}

/** Rewrites one line on a terminal, prints lines elsewhere. `end` leaves the last one standing. */
function createStatusLine(out: NodeJS.WriteStream): { show(text: string): void; end(): void } {
  let open = false;
  return {
    show: (text) => {
      out.write(out.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
      open = out.isTTY;
    },
    end: () => {
      if (open) out.write('\n');
      open = false;
    },
  };
}

/** Turns a running total into a rate (1/s) between calls. */
function createRate(): (total: number) => number {
  let last = { total: 0, at: performance.now() };
  return (total) => {
    const at = performance.now();
    const rate = ((total - last.total) * 1_000) / Math.max(1, at - last.at);
    last = { total, at };
    return rate;
  };
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** History first when asked for, then live until Ctrl-C. Status goes to stderr. */
async function simulate(options: SimulateOptions): Promise<void> {
  const password = passwordFrom(options.passwordFile);
  const target = {
    url: options.url,
    factorySlug: options.factory,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(password === undefined ? {} : { password }),
    devices: numberOf('--devices', options.devices),
    speed: numberOf('--speed', options.speed),
    seed: numberOf('--seed', options.seed),
    ...(options.failureIn === undefined ? {} : failureComing(numberOf('--failure-in', options.failureIn), Date.now())),
  };
  const ratePerSecond = numberOf('--rate', options.rate);
  const days = numberOf('--backfill', options.backfill);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const status = createStatusLine(process.stderr);
  try {
    if (days > 0) {
      const rate = createRate();
      const now = Date.now();
      const sent = await backfill({
        ...target,
        from: now - days * DAY_MS,
        to: now,
        stepMs: numberOf('--backfill-step', options.backfillStep) * 1000,
        signal: stop.signal,
        onProgress: ({ fraction, points, connected }) =>
          status.show(
            `backfill ${(fraction * 100).toFixed(0)} %, ${count(rate(points))} points/s acknowledged${connected ? '' : ', reconnecting'}`,
          ),
      });
      status.show(`backfill: ${count(sent.points)} points in ${count(sent.messages)} messages acknowledged`);
      status.end();
    }
    const rate = createRate();
    const total = await runSimulation({
      ...target,
      ratePerSecond,
      signal: stop.signal,
      onProgress: ({ acknowledged, dropped, connected }) =>
        options.quiet !== true &&
        status.show(
          `${count(rate(acknowledged))} messages/s acknowledged, ${count(acknowledged)} in all` +
            `${dropped > 0 ? `, ${count(dropped)} dropped` : ''}${connected ? '' : ', reconnecting'}`,
        ),
    });
    status.show(`stopped: ${count(total.acknowledged)} of ${count(total.published)} messages acknowledged`);
  } finally {
    status.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** `simulate`: a small plant that publishes to any broker. */
export function register(program: Command): void {
  withCommonOptions(program.command('simulate'))
    .description('publish simulated machines, and a recorded one, to any MQTT broker until Ctrl-C')
    .option('--url <url>', 'broker', 'mqtt://127.0.0.1:1883')
    .option('--factory <slug>', 'factory in the topics', 'vpc')
    .option('--devices <n>', 'how many devices', String(DEFAULT_DEVICES))
    .option('--rate <n>', 'messages per second of each device', '1')
    .option('--speed <x>', 'how fast the recording of press-01 is played', '1')
    .option('--seed <n>', 'another number, another plant', '1')
    .option('--username <name>', 'MQTT user name')
    .option('--password-file <file>', 'file that holds the MQTT password')
    .option('--backfill <days>', 'first send the history of so many days', '0')
    .option('--backfill-step <s>', 'seconds between the samples of that history', '10')
    .option(
      '--failure-in <minutes>',
      "let the recorded machine's failure come then (default: wherever the playback is)",
    )
    .option('--quiet', 'no status line while live')
    .action(simulate);
}
