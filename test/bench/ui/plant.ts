import { connectAsync } from 'mqtt';

/** Machines that publish at a fixed rate over real MQTT, each message one commit for the appliance. */
export interface Plant extends AsyncDisposable {
  /** The newest value of `counter` that the appliance has acknowledged, by device key. */
  readonly acknowledged: ReadonlyMap<string, number>;
}

export interface PlantOptions {
  readonly mqttPort: number;
  readonly devices: number;
  /** Values in a message: a counter and so many less one that wander. */
  readonly values: number;
  readonly messagesPerSecond: number;
}

const TICK_MS = 50;

/** The key of the n-th machine. */
export const machineKey = (index: number): string => `bench-${String(index).padStart(4, '0')}`;

/** Starts publishing, spread evenly over time. */
export async function startPlant({ mqttPort, devices, values, messagesPerSecond }: PlantOptions): Promise<Plant> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  const acknowledged = new Map<string, number>();
  let next = 0;
  let owed = 0;
  let lastAt = performance.now();
  const publish = (index: number) => {
    const count = Math.floor(index / devices);
    const key = machineKey(index % devices);
    const others = Array.from({ length: values - 1 }, (_, at) => [
      `value_${at + 1}`,
      50 + 10 * Math.sin(index / 50 + at),
    ]);
    const metrics = { counter: count, ...Object.fromEntries(others) };
    client.publish(`factories/vpc/devices/${key}/telemetry`, JSON.stringify({ metrics }), { qos: 1 }, (error) => {
      if (!error) acknowledged.set(key, Math.max(count, acknowledged.get(key) ?? 0));
    });
  };
  const timer = setInterval(() => {
    const now = performance.now();
    owed += ((now - lastAt) * messagesPerSecond) / 1_000;
    lastAt = now;
    for (; owed >= 1; owed--) publish(next++);
  }, TICK_MS);
  return {
    acknowledged,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await client.endAsync();
    },
  };
}
