import { connectAsync } from 'mqtt';
import { spawnAppliance } from './appliance.ts';

/** A sample that was acknowledged: its device and its stamp, which no other has. */
export interface Acknowledged {
  readonly device: string;
  readonly stamp: number;
}

const CLIENTS = 4;
/** So many that a commit is always under way when the kill comes: with 25, acknowledging too early went unseen. */
const IN_FLIGHT = 400;

/**
 * Starts the appliance in a process, publishes with QoS 1 from several clients at full speed, and kills it at a
 * random moment. Stamps count up from `firstStamp`, so that every sample can be told from every other.
 *
 * @returns what was acknowledged, acknowledgements that were still in the sockets included
 */
export async function publishUntilKilled(dataDir: string, firstStamp: number): Promise<Acknowledged[]> {
  const { child, ready, exited } = await spawnAppliance(['--data-dir', dataDir]);
  const acknowledged: Acknowledged[] = [];
  let stamp = firstStamp;
  let running = true;
  const first = Promise.withResolvers<void>();
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => connectAsync(ready.mqtt, { reconnectPeriod: 0 })),
  );
  clients.forEach((client, index) => {
    client.on('error', () => {});
    const device = `kill-${index}`;
    const send = () => {
      if (!running) return;
      const timestamp = stamp++;
      const payload = JSON.stringify({ metrics: { n: timestamp, state: `s${timestamp}` }, timestamp });
      client.publish(`factories/vpc/devices/${device}/telemetry`, payload, { qos: 1 }, (error) => {
        if (error instanceof Error) return;
        acknowledged.push({ device, stamp: timestamp });
        first.resolve();
        send();
      });
    };
    for (let i = 0; i < IN_FLIGHT; i++) send();
  });
  // On a busy machine the first answer may take longer than a kill would leave it.
  await Promise.race([first.promise, exited]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
  child.kill('SIGKILL');
  running = false;
  await exited;
  // What the kernel had already received still counts as acknowledged.
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (const client of clients) client.end(true);
  return acknowledged;
}
