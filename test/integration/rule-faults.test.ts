import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import {
  eventually,
  personWith,
  signIn,
  spawnAppliance,
  startAppliance,
  temporaryDirectory,
} from '../support/appliance.ts';
import { breakRule } from '../support/broken-rules.ts';

const rule = (name: string) => ({
  name,
  severity: 'high',
  condition: { parameter: 'temperature', operator: 'gt', value: 80 },
});

test('a rule that cannot be evaluated says so where it is shown, until it is tried anew; others go on', async () => {
  using directory = temporaryDirectory();
  let [odd, good] = ['', ''];
  {
    await using running = await startAppliance({ dataDir: directory.path });
    const person = await running.signIn();
    const made = [await person.call('POST', '/rules', rule('Odd')), await person.call('POST', '/rules', rule('Good'))];
    assert.deepEqual(
      made.map(({ status, body }) => [status, body.fault]),
      [
        [201, null],
        [201, null],
      ],
    );
    [odd, good] = made.map(({ body }) => body.id) as [string, string];
  }
  breakRule(directory.path, odd);
  const { child, ready, exited } = await spawnAppliance(['--data-dir', directory.path]);
  try {
    const person = await signIn(ready.http);
    const client = await connectAsync(ready.mqtt, { reconnectPeriod: 0 });
    const publish = (temperature: number) =>
      client.publishAsync('factories/vpc/devices/M01/telemetry', JSON.stringify({ metrics: { temperature } }), {
        qos: 1,
      });
    const alarmOf = (id: string) => eventually(async () => (await person.get(`/alerts?rule_id=${id}`)).items[0]);
    const dropped = async () =>
      /^factoryops_rules_dropped (\d+)$/m.exec(await (await fetch(`${ready.http}/api/v1/metrics`)).text())?.[1];
    const from = Date.now();
    await publish(90);
    await alarmOf(good);
    const { fault } = await eventually(async () => {
      const shown = await person.get(`/rules/${odd}`);
      return shown.fault === null ? undefined : shown;
    });
    assert.match(fault.message, /^it could not be evaluated \(.*nowhere\/nothing.*\)$/i);
    assert.ok(Date.parse(fault.at) >= from - 1_000 && Date.parse(fault.at) <= Date.now(), fault.at);
    const { items } = await person.get('/rules?limit=500');
    assert.deepEqual(
      items.filter((one: { fault: unknown }) => one.fault !== null).map(({ id }: { id: string }) => id),
      [odd],
    );
    assert.equal(await dropped(), '1');
    const [device] = (await person.get('/devices?key=M01')).items;
    const explained = await person.call('GET', `/rules/${odd}/explain?device_id=${device.id}`);
    assert.equal(explained.status, 503);
    assert.match(explained.body.detail, /left out: it could not be evaluated .*change it, or turn it off and on/);

    // Nobody else hears of it.
    const made = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
    const second = await signIn(ready.http);
    const switched = await second.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
    const other = personWith(ready.http, switched.body.access_token);
    assert.equal((await other.call('POST', '/rules', rule('Odd'))).body.fault, null);
    assert.equal((await other.call('GET', `/rules/${odd}`)).status, 404);

    const off = await person.call('PATCH', `/rules/${odd}`, { is_active: false, schedule: null });
    assert.equal(off.body.fault, null);
    await eventually(async () => (await dropped()) === '0' || undefined);
    const on = await person.call('PATCH', `/rules/${odd}`, { is_active: true });
    assert.equal(on.body.fault, null);
    await publish(91);
    await alarmOf(odd);
    assert.equal((await person.get(`/rules/${odd}`)).fault, null);
    await client.endAsync();
  } finally {
    child.kill();
    await exited;
  }
});
