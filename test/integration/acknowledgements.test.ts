import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, startAppliance } from '../support/appliance.ts';
import { connectRaw, openRaw, telemetry } from '../support/raw-mqtt.ts';

test('PUBACKs come in the order of their PUBLISHes, refused messages between them included', async () => {
  await using running = await startAppliance();
  using raw = await connectRaw(running.ready.mqtt);
  const ids = Array.from({ length: 500 }, (_, index) => index + 1);
  const bodies = [
    (n: number) => ({ metrics: { n } }),
    () => 'not json',
    (n: number) => ({ metrics: { n }, timestamp: Date.now() + 86_400_000 }),
    (n: number) => ({ metrics: { [`new-${n}`]: n } }),
    () => ({ metrics: {} }),
  ];
  for (const id of ids)
    raw.send(telemetry(id, bodies[id % bodies.length]?.(id), { device: id % 7 === 0 ? 'bad key' : 'M01' }));
  await eventually(() => (raw.packets.length >= ids.length + 1 ? true : undefined));
  const acknowledged = raw.packets.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId);
  assert.deepEqual(acknowledged, ids);
});

test('a QoS 2 message is stored once, however often its PUBLISH is sent', async () => {
  await using running = await startAppliance();
  using raw = await connectRaw(running.ready.mqtt);
  const received = (count: number) =>
    eventually(() => (raw.packets.filter(({ cmd }) => cmd === 'pubrec').length >= count ? true : undefined));
  for (const dup of [false, true, true]) raw.send(telemetry(7, { metrics: { n: 1 } }, { qos: 2, dup }));
  await received(3);
  raw.send(telemetry(7, { metrics: { n: 1 } }, { qos: 2, dup: true }));
  await received(4);
  raw.send({ cmd: 'pubrel', messageId: 7 });
  await raw.next('pubcomp');
  raw.send(telemetry(7, { metrics: { n: 2 } }, { qos: 2 }));
  await received(5);
  const person = await running.signIn();
  const [device] = (await person.get('/devices?key=M01')).items;
  const to = new Date(Date.now() + 1_000).toISOString();
  const { series } = await person.get(`/devices/${device.id}/kpis/history?interval=raw&to=${to}`);
  assert.deepEqual(
    series[0].points.map(({ value }: { value: number }) => value),
    [1, 2],
  );
});

test('a QoS 0 message is stored too', async () => {
  await using running = await startAppliance();
  using raw = await connectRaw(running.ready.mqtt);
  raw.send({ ...telemetry(0, { metrics: { n: 5 } }, { qos: 0 }), messageId: undefined } as never);
  const person = await running.signIn();
  const device = await eventually(async () => (await person.get('/devices?key=M01')).items[0]);
  assert.equal((await person.get(`/devices/${device.id}/kpis/live`)).values[0].value, 5);
});

test('a persistent session gets the commands of the time it was away, a clean one starts anew', async () => {
  await using running = await startAppliance();
  const person = await running.signIn();
  const { body: credential } = await person.call('POST', '/device-credentials', { name: 'gw', devices: ['*'] });
  const { username, password } = credential;
  const topic = 'factories/vpc/devices/M01/commands';
  const present = async (clean: boolean) => {
    const raw = await openRaw(running.ready.mqtt);
    raw.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'gateway',
      clean,
      keepalive: 0,
      username,
      password: Buffer.from(password),
    });
    const { sessionPresent, returnCode } = await raw.next('connack');
    assert.equal(returnCode, 0);
    return { raw, sessionPresent };
  };
  {
    const { raw, sessionPresent } = await present(false);
    assert.equal(sessionPresent, false);
    raw.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });
    assert.deepEqual((await raw.next('suback')).granted, [1]);
    raw.send({ cmd: 'disconnect' });
    await raw.closed;
  }
  await running.appliance.publish({ topic, payload: 'start', qos: 1 });
  {
    const { raw, sessionPresent } = await present(false);
    assert.equal(sessionPresent, true);
    const command = await raw.next('publish');
    assert.equal(command.topic, topic);
    assert.equal(command.payload.toString(), 'start');
    raw.send({ cmd: 'puback', messageId: command.messageId ?? 0 });
    raw.send({ cmd: 'disconnect' });
    await raw.closed;
  }
  {
    const { raw, sessionPresent } = await present(true);
    assert.equal(sessionPresent, false);
    await running.appliance.publish({ topic, payload: 'lost', qos: 1 });
    await assert.rejects(raw.next('publish', 300));
    raw.socket.destroy();
  }
});
