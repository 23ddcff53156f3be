import { setTimeout as delay } from 'node:timers/promises';
import { startLoad } from './load.ts';
import { loadDevices, METRICS, POINTS_PER_MESSAGE, type Stamps } from './load-protocol.ts';
import { processFigures } from './process-figures.ts';
import type { Subject } from './subject.ts';

const WARM_UP_MS = 1_000;
const WINDOW = 20;
const SETTLE_WITHIN_MS = 10_000;
const MIB = 1_048_576;

/** As many messages as the broker takes. */
export interface FloodOptions {
  readonly qos: 0 | 1;
  readonly connections: number;
  readonly seconds: number;
  /** Before it is measured (ms); a second unless told. */
  readonly warmUpMs?: number;
  /** Up by a millisecond with each message of a device unless told. */
  readonly stamps?: Stamps;
  /** More counts of the subject: by how much they grow while it is measured is among the figures. */
  readonly counts?: () => Readonly<Record<string, number>>;
}

/** Figures of one run; null where the subject has none. */
export type Figures = Readonly<Record<string, number | null>>;

const perSecond = (count: number, seconds: number) => Math.round(count / seconds);

/**
 * One run. The rate is what the appliance says it has stored during the measured time. A broker without storage is
 * counted by its PUBACKs (QoS 1), or by the time until it had read everything (QoS 0). At QoS 0 only the sockets bound
 * the load: what the kernel still holds at the end, minutes of work with 500 connections, is thrown away.
 *
 * @throws {Error} when (QoS 1) the appliance's count of stored messages does not come to what was sent
 */
export async function flood(subject: Subject, options: FloodOptions): Promise<Figures> {
  using load = await startLoad({
    target: { kind: 'mqtt', port: subject.mqttPort, qos: options.qos, window: WINDOW },
    devices: loadDevices(options.connections),
    metrics: METRICS,
    stamps: options.stamps ?? 'every-ms',
    messagesPerSecond: null,
    originMs: Date.now(),
  });
  load.start();
  await delay(options.warmUpMs ?? WARM_UP_MS);
  load.mark();
  const countsBefore = options.counts?.() ?? {};
  const [before, storedBefore, beganAt] = [processFigures(subject.pid), await subject.stored(), performance.now()];
  await delay(options.seconds * 1_000);
  const [storedAfter, endedAt, after] = [await subject.stored(), performance.now(), processFigures(subject.pid)];
  const countsAfter = options.counts?.() ?? {};
  const storing = storedBefore !== null && storedAfter !== null;
  const result = await load.stop(storing && options.qos === 0 ? 'leave' : 'drain');
  if (options.qos === 1) await settled(subject, result.totalSent);
  const seconds = (endedAt - beganAt) / 1_000;
  const counted = options.qos === 1 ? result.acknowledged / result.seconds : (result.drainedPerSecond ?? 0);
  const messagesPerSecond = storing
    ? perSecond(storedAfter.messages - storedBefore.messages, seconds)
    : Math.round(counted);
  const pointsPerSecond = storing
    ? perSecond(storedAfter.points - storedBefore.points, seconds)
    : messagesPerSecond * POINTS_PER_MESSAGE;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    messages_per_second: messagesPerSecond,
    points_per_second: pointsPerSecond,
    acknowledged_per_second: options.qos === 1 ? perSecond(result.acknowledged, result.seconds) : null,
    puback_p50_ms: result.ackP50Ms,
    puback_p99_ms: result.ackP99Ms,
    rss_mib: Math.round(after.rssBytes / MIB),
    peak_rss_mib: Math.round(processFigures(subject.pid).peakRssBytes / MIB),
    cpu_cores: Number((cpuSeconds / seconds).toFixed(2)),
    cpu_s_per_million_points: Number(((cpuSeconds * 1e6) / (pointsPerSecond * seconds)).toFixed(2)),
    ...Object.fromEntries(
      Object.entries(countsAfter).map(([name, count]) => [name, count - (countsBefore[name] ?? 0)]),
    ),
  };
}

/** Everything sent must have been stored in the end: a rate that loses messages is not one. */
async function settled(subject: Subject, totalSent: number): Promise<void> {
  const until = Date.now() + SETTLE_WITHIN_MS;
  for (;;) {
    const stored = await subject.stored();
    if (stored === null || stored.messages === totalSent) return;
    if (Date.now() > until) throw new Error(`${totalSent} messages were sent, ${stored.messages} are stored`);
    await delay(50);
  }
}
