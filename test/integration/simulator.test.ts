import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Aedes, type AedesOptions } from 'aedes';
import { backfill, createPlant, runSimulation } from '../../src/simulator/simulator.ts';

interface Sample {
  readonly timestamp: number;
  readonly metrics: Record<string, unknown>;
}

interface Received {
  readonly topic: string;
  readonly qos: number;
  readonly bytes: number;
  readonly samples: readonly Sample[];
}

const MONDAY = Date.UTC(2026, 10, 23);
const HOUR = 3_600_000;
/** What waits for ever when it is broken must fail, not hang. */
const LIMIT = { timeout: 30_000 };

/** A real broker that remembers every telemetry message it was sent, repetitions included. */
async function startBroker(port = 0, options: AedesOptions = {}) {
  const received: Received[] = [];
  const broker = await Aedes.createBroker({
    ...options,
    authorizePublish: (client, packet, callback) => {
      const text = packet.payload.toString();
      const message: Sample & { readonly samples?: readonly Sample[] } = JSON.parse(text);
      received.push({
        topic: packet.topic,
        qos: packet.qos,
        bytes: Buffer.byteLength(text),
        samples: message.samples ?? [message],
      });
      if (options.authorizePublish) options.authorizePublish(client, packet, callback);
      else callback(null);
    },
  });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => broker.close(() => resolve()));
  };
  return { received, stop, port: address.port, url: `mqtt://127.0.0.1:${address.port}` };
}

async function brokerFor(context: TestContext, options: AedesOptions = {}) {
  const broker = await startBroker(0, options);
  context.after(broker.stop);
  return broker;
}

const keyOf = ({ topic }: Received): string => topic.split('/')[3] ?? '';

/** Distinct (device, timestamp) pairs. */
const identities = (received: readonly Received[]): Set<string> =>
  new Set(received.flatMap((message) => message.samples.map(({ timestamp }) => `${keyOf(message)} ${timestamp}`)));

test(
  'a backfill sends every instant of every device once, in bounded batches, and counts what was acknowledged',
  LIMIT,
  async (context) => {
    const { url, received } = await brokerFor(context);
    const stepMs = 5_000;
    const options = { devices: 7, seed: 3, from: MONDAY + 1, to: MONDAY + HOUR, stepMs };
    const result = await backfill({ ...options, url, factorySlug: 'vpc' });

    const instants = HOUR / stepMs - 1; // `from` lies just behind the first one
    assert.equal(result.samples, 7 * instants);
    assert.equal(result.messages, received.length);
    assert.equal(result.fraction, 1);
    assert.equal(
      received.reduce((sum, { samples }) => sum + samples.length, 0),
      7 * instants,
    );
    assert.equal(identities(received).size, 7 * instants);
    assert.equal(
      result.points,
      received.reduce(
        (sum, { samples }) => sum + samples.reduce((n, { metrics }) => n + Object.keys(metrics).length, 0),
        0,
      ),
    );
    for (const message of received) {
      assert.equal(message.qos, 1);
      assert.ok(message.bytes < 200 * 1_024);
      assert.match(message.topic, /^factories\/vpc\/devices\/[a-z]+-\d\d\/telemetry$/);
    }
    const plant = new Map(createPlant(options).map((device) => [device.key, device]));
    const some = received[5];
    assert.ok(some);
    for (const { timestamp, metrics } of some.samples) {
      assert.deepEqual(metrics, plant.get(keyOf(some))?.metricsAt(timestamp));
    }
  },
);

test('a backfill goes on after the broker was away and loses nothing', LIMIT, async (context) => {
  const first = await startBroker();
  let second: Awaited<ReturnType<typeof startBroker>> | undefined;
  context.after(() => second?.stop());
  const options = {
    url: first.url,
    factorySlug: 'vpc',
    devices: 5,
    from: MONDAY,
    to: MONDAY + 24 * HOUR,
    stepMs: 5_000,
  };
  const running = backfill(options);
  while (first.received.length < 20) await new Promise((resolve) => setTimeout(resolve, 2));
  await first.stop();
  assert.ok(first.received.length < 300, 'the broker went away before the end');
  second = await startBroker(first.port);
  const result = await running;
  const expected = (5 * 24 * HOUR) / 5_000;
  assert.equal(result.samples, expected);
  assert.equal(identities([...first.received, ...second.received]).size, expected);
});

test('live values come at the given rate, stamped now, all acknowledged, until the signal', LIMIT, async (context) => {
  const { url, received } = await brokerFor(context);
  const stop = new AbortController();
  const startedAt = Date.now();
  const running = runSimulation({ url, factorySlug: 'vpc', devices: 3, ratePerSecond: 500, signal: stop.signal });
  while (received.length < 1_500) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  const result = await running;
  const seconds = (Date.now() - startedAt) / 1_000;

  assert.equal(result.acknowledged, result.published);
  assert.equal(result.published, received.length);
  assert.equal(result.dropped, 0);
  assert.ok(received.length <= 1_500 * seconds + 6, `${received.length} messages in ${seconds} s at 3 x 500 a second`);
  assert.equal(identities(received).size, received.length, 'no two messages of a device share a stamp');
  for (const { samples } of received) {
    for (const { timestamp } of samples) assert.ok(timestamp >= startedAt - 1 && timestamp <= Date.now());
  }
  assert.deepEqual([...new Set(received.map(keyOf))].sort(), ['motor-01', 'press-01', 'pump-01']);
});

test('live values waiting for a broker that is away arrive when it is back', LIMIT, async (context) => {
  const first = await startBroker();
  let second: Awaited<ReturnType<typeof startBroker>> | undefined;
  context.after(() => second?.stop());
  const stop = new AbortController();
  const options = { url: first.url, factorySlug: 'vpc', devices: 2, ratePerSecond: 50, signal: stop.signal };
  const running = runSimulation(options);
  while (first.received.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await first.stop();
  second = await startBroker(first.port);
  while (second.received.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  const result = await running;
  assert.equal(result.acknowledged, result.published);
  assert.equal(identities([...first.received, ...second.received]).size, result.published);
});

test('refused credentials and an absent broker are one clear error each', LIMIT, async (context) => {
  const refuse = (returnCode: number): AedesOptions => ({
    authenticate: (_client, _username, _password, done) => done(Object.assign(new Error('no'), { returnCode }), null),
  });
  const signal = new AbortController().signal;
  const wrong = await brokerFor(context, refuse(4));
  const asSomeone = { factorySlug: 'vpc', username: 'vpc/gateway', password: 'wrong', signal };
  await assert.rejects(runSimulation({ ...asSomeone, url: wrong.url }), {
    code: 'unauthenticated',
    message: /refuses the password of "vpc\/gateway": check --username and --password-file/,
  });
  const closed = await brokerFor(context, refuse(5));
  await assert.rejects(runSimulation({ url: closed.url, factorySlug: 'vpc', signal }), {
    code: 'forbidden',
    message: /give --username/,
  });
  const gone = await startBroker();
  await gone.stop();
  await assert.rejects(runSimulation({ url: gone.url, factorySlug: 'vpc', signal }), {
    code: 'unavailable',
    message: /ECONNREFUSED.*start the broker, or check --url/,
  });
  await assert.rejects(runSimulation({ url: 'localhost:1883', factorySlug: 'vpc', signal }), { code: 'usage' });
  await assert.rejects(runSimulation({ url: gone.url, factorySlug: 'a/b', signal }), {
    code: 'usage',
    message: /slug/,
  });
});

test(
  'a broker that closes the connection at each message is an error in the end, not an endless attempt',
  LIMIT,
  async (context) => {
    const { url } = await brokerFor(context, {
      authorizePublish: (_client, _packet, callback) => callback(new Error('not your topic')),
    });
    const signal = new AbortController().signal;
    await assert.rejects(runSimulation({ url, factorySlug: 'other', devices: 1, ratePerSecond: 20, signal }), {
      code: 'forbidden',
      message: /does not seem to be allowed; check --factory/,
    });
  },
);

test('an aborted backfill stops and says how far it came', LIMIT, async (context) => {
  const { url, received } = await brokerFor(context);
  const stop = new AbortController();
  const running = backfill({
    url,
    factorySlug: 'vpc',
    devices: 4,
    from: MONDAY,
    to: MONDAY + 300 * 24 * HOUR,
    stepMs: 1_000,
    signal: stop.signal,
  });
  while (received.length < 10) await new Promise((resolve) => setTimeout(resolve, 2));
  stop.abort();
  const result = await running;
  assert.ok(result.fraction > 0 && result.fraction < 0.01, `${result.fraction}`);
  assert.equal(result.messages, received.length);
});
