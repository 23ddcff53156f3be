import { setTimeout as delay } from 'node:timers/promises';
import type { FactoryOps } from './factoryops.ts';
import type { Figures } from './flood.ts';
import { createLatencies, type Latencies } from './latencies.ts';
import { startLoad } from './load.ts';
import { sentMsOf } from './load-messages.ts';
import { loadDevices, METRICS, POINTS_PER_MESSAGE, preciseNow, SENT_MS } from './load-protocol.ts';
import { processFigures } from './process-figures.ts';
import { readEvents } from './read-events.ts';
import { signIn } from './sign-in.ts';

const DEVICES = 500;
const MESSAGES_PER_SECOND = 2_000;
const WARM_UP_MS = 2_000;
const MIB = 1_048_576;

interface ValuesEvent {
  readonly values: readonly { readonly parameter: string; readonly value: number }[];
}

/** Records how old the newest message of an event is; values from before `sinceMs` (after the origin) do not count. */
function recordAge(data: string, originMs: number, sinceMs: number, latencies: Latencies): void {
  const { values }: ValuesEvent = JSON.parse(data);
  const sent = values.find(({ parameter }) => parameter === SENT_MS);
  if (sent === undefined) return;
  const sentMs = sentMsOf(sent.value);
  if (sentMs >= sinceMs) latencies.record(preciseNow() - originMs - sentMs);
}

/**
 * One run of the live path: 2,000 messages a second, four from each of 500 devices (QoS 1), as `values` events at one
 * client. Latency is from the moment before the message is written to its socket until its event is read.
 */
export async function stream(subject: FactoryOps, seconds: number): Promise<Figures> {
  const token = await signIn(subject.http);
  const originMs = Date.now();
  using load = await startLoad({
    target: { kind: 'mqtt', port: subject.mqttPort, qos: 1, window: 1 },
    devices: loadDevices(DEVICES),
    metrics: [...METRICS.slice(0, -1), SENT_MS],
    stamps: 'sending',
    messagesPerSecond: MESSAGES_PER_SECOND,
    originMs,
  });
  const latencies = createLatencies();
  const end = new AbortController();
  let sinceMs = Number.POSITIVE_INFINITY;
  const reading = readEvents(subject.http, token, end.signal, (name, data) => {
    if (name === 'values') recordAge(data, originMs, sinceMs, latencies);
  });
  reading.catch(() => undefined);
  load.start();
  await Promise.race([delay(WARM_UP_MS), reading]);
  load.mark();
  sinceMs = preciseNow() - originMs;
  const [before, beganAt] = [processFigures(subject.pid), performance.now()];
  await Promise.race([delay(seconds * 1_000), reading]);
  const [after, elapsed] = [processFigures(subject.pid), (performance.now() - beganAt) / 1_000];
  const events = latencies.count;
  const result = await load.stop('drain');
  end.abort();
  await reading;
  if (events === 0) throw new Error('the stream carried no values');
  return {
    messages_per_second: Math.round(result.acknowledged / result.seconds),
    points_per_second: Math.round((result.acknowledged * POINTS_PER_MESSAGE) / result.seconds),
    events_per_second: Math.round(events / elapsed),
    event_p50_ms: latencies.percentile(0.5),
    event_p99_ms: latencies.percentile(0.99),
    puback_p50_ms: result.ackP50Ms,
    puback_p99_ms: result.ackP99Ms,
    rss_mib: Math.round(after.rssBytes / MIB),
    cpu_cores: Number(((after.cpuSeconds - before.cpuSeconds) / elapsed).toFixed(2)),
  };
}
