/** The load: a process of its own, so that its work does not count as the broker's. Started by `load.ts` only. */
import { createLatencies } from './latencies.ts';
import { type LoadConnection, openConnection } from './load-connection.ts';
import { createLineSender } from './load-lines.ts';
import { createMessages, createStamps } from './load-messages.ts';
import type { LoadCommand, LoadOptions, LoadReport } from './load-protocol.ts';

const CONNECTING_AT_ONCE = 50;
const PACING_MS = 2;

const options: LoadOptions = JSON.parse(process.argv[2] ?? '{}');
const latencies = createLatencies();
const connections: LoadConnection[] = [];
const report = (message: LoadReport) => process.send?.(message);
const total = (field: 'sent' | 'acknowledged') => connections.reduce((sum, one) => sum + one[field], 0);

let startedAt = 0;
let mark = { at: 0, sent: 0, acknowledged: 0 };
let pacing: NodeJS.Timeout | undefined;

/** Spreads the connections' turns evenly over each interval. */
function pace(messagesPerSecond: number): void {
  const perMs = messagesPerSecond / 1_000;
  let published = 0;
  pacing = setInterval(() => {
    const due = Math.floor((performance.now() - startedAt) * perMs);
    for (; published < due; published++) connections[published % connections.length]?.publishOne();
  }, PACING_MS);
}

function start(): void {
  startedAt = performance.now();
  if (options.messagesPerSecond !== null) pace(options.messagesPerSecond);
  else for (const connection of connections) connection.flood();
}

async function stop(draining: boolean): Promise<void> {
  clearInterval(pacing);
  for (const connection of connections) connection.stop();
  const [sent, acknowledged] = [total('sent') - mark.sent, total('acknowledged') - mark.acknowledged];
  const seconds = (performance.now() - mark.at) / 1_000;
  const [ackP50Ms, ackP99Ms] = [latencies.percentile(0.5), latencies.percentile(0.99)];
  if (draining) await Promise.all(connections.map((connection) => connection.drain()));
  const totalSent = total('sent');
  const drainedPerSecond = draining ? (totalSent * 1_000) / (performance.now() - startedAt) : null;
  const result = { sent, acknowledged, seconds, ackP50Ms, ackP99Ms, drainedPerSecond, totalSent };
  report({ kind: 'result', result });
  for (const connection of connections) connection.close();
  process.disconnect();
}

process.on('message', (command: LoadCommand) => {
  if (command === 'start') start();
  else if (command !== 'mark') void stop(command === 'drain');
  else {
    latencies.clear();
    mark = { at: performance.now(), sent: total('sent'), acknowledged: total('acknowledged') };
  }
});

async function connect(): Promise<void> {
  const { target, devices, metrics, originMs } = options;
  const stampsOfDevice = createStamps(options.stamps);
  if (target.kind === 'lines') {
    connections.push(createLineSender({ target, devices, metrics }, stampsOfDevice, latencies));
    return;
  }
  while (connections.length < devices.length) {
    const first = connections.length;
    const batch = devices.slice(first, first + CONNECTING_AT_ONCE).map((device, offset) => {
      const messages = createMessages({ device, index: first + offset, metrics, qos: target.qos }, stampsOfDevice());
      return openConnection({ target, clientId: device, messages, originMs }, latencies);
    });
    connections.push(...(await Promise.all(batch)));
  }
}

await connect();
report({ kind: 'connected' });
