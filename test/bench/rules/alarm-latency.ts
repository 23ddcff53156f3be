import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { createTemplate, type FactoryOps, startFactoryOps } from '../factoryops.ts';
import type { Figures } from '../flood.ts';
import { createLatencies } from '../latencies.ts';
import { startLoad } from '../load.ts';
import { loadDevices, METRICS, SENT_MS } from '../load-protocol.ts';
import { processFigures } from '../process-figures.ts';
import { readEvents } from '../read-events.ts';
import { signIn } from '../sign-in.ts';

const MIB = 1_048_576;
const WARM_UP_MS = 5_000;
const PROBES_EVERY_MS = 200;
const PROBE = 'probe-01';

/** Conditions on what all devices send; none is ever met, so that what is measured is looking, and not alarms. */
const conditionOf = (place: number): object => {
  const parameter = METRICS[place % (METRICS.length - 1)];
  const [plain, window] = [
    { parameter, operator: 'gt', value: 1e9 },
    { aggregate: 'avg', window_seconds: 60 },
  ];
  if (place % 10 === 0) return { ...plain, ...window };
  if (place % 3 === 0) return { all: [plain, { parameter: METRICS[(place + 1) % 4], operator: 'lt', value: -1e9 }] };
  return { ...plain, hysteresis: 1, for_seconds: 10 };
};

async function makeRules(http: string, token: string, count: number): Promise<void> {
  const conditions = Array.from({ length: count - 1 }, (_, place) => conditionOf(place));
  for (const condition of [...conditions, { parameter: 'probe', operator: 'gt', value: 0.5 }]) {
    const answer = await fetch(`${http}/api/v1/rules`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'bench', severity: 'high', condition }),
    });
    if (answer.status !== 201) throw new Error(`a rule was refused: ${await answer.text()}`);
  }
}

async function run(subject: FactoryOps, seconds: number, plant: { devices: number; rules: number }): Promise<Figures> {
  const token = await signIn(subject.http);
  await makeRules(subject.http, token, plant.rules);
  using load = await startLoad({
    target: { kind: 'mqtt', port: subject.mqttPort, qos: 1, window: 1 },
    // The appliance takes a thousand connections; one is for the probe.
    devices: loadDevices(plant.devices - 1),
    metrics: [...METRICS.slice(0, -1), SENT_MS],
    stamps: 'sending',
    messagesPerSecond: plant.devices - 1,
    originMs: Date.now(),
  });
  const client = await connectAsync(`mqtt://127.0.0.1:${subject.mqttPort}`);
  const [alarms, values] = [createLatencies(), createLatencies()];
  const end = new AbortController();
  let sentAt = 0;
  const reading = readEvents(subject.http, token, end.signal, (name, data) => {
    if (name === 'alarm' && data.includes(`"${PROBE}"`) && data.includes('"status":"active"')) {
      alarms.record(performance.now() - sentAt);
    }
    if (name === 'values' && data.includes('"probe","value":1')) values.record(performance.now() - sentAt);
  });
  reading.catch(() => undefined);
  load.start();
  await delay(WARM_UP_MS);
  load.mark();
  const [before, beganAt] = [processFigures(subject.pid), performance.now()];
  let probes = 0;
  while (performance.now() - beganAt < seconds * 1_000) {
    for (const probe of [1, 0]) {
      if (probe === 1) {
        sentAt = performance.now();
        probes++;
      }
      await client.publishAsync(`factories/vpc/devices/${PROBE}/telemetry`, JSON.stringify({ metrics: { probe } }), {
        qos: 1,
      });
      await delay(PROBES_EVERY_MS);
    }
  }
  const [after, elapsed] = [processFigures(subject.pid), (performance.now() - beganAt) / 1_000];
  await load.stop('drain');
  await client.endAsync();
  end.abort();
  await reading;
  return {
    probes,
    alarms: alarms.count,
    alarm_p50_ms: alarms.percentile(0.5),
    alarm_p99_ms: alarms.percentile(0.99),
    value_p50_ms: values.percentile(0.5),
    value_p99_ms: values.percentile(0.99),
    cpu_cores: Number(((after.cpuSeconds - before.cpuSeconds) / elapsed).toFixed(2)),
    rss_mib: Math.round(after.rssBytes / MIB),
  };
}

/**
 * From the moment before a sample is written to its socket until its alarm is read from the stream, while so many devices
 * send five parameters a second each and so many rules apply to all of them. The peer is the sample itself on the same
 * stream (`value_…`), and the same plant with one rule.
 */
export async function measureAlarms(seconds: number, plant: { devices: number; rules: number }): Promise<Figures> {
  using template = createTemplate();
  const dataDir = template.copy();
  await using subject = await startFactoryOps(dataDir);
  return await run(subject, seconds, plant);
}
