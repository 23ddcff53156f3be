import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personWith, startAppliance } from '../support/appliance.ts';

test('connection info names the port that is really bound, who may come without a credential, and the factory', async () => {
  await using running = await startAppliance({ flags: { 'mqtt.anonymous': 'never' } });
  const person = await running.signIn();
  const other = await person.call('POST', '/factories', { name: 'Other', slug: 'other', timezone: 'UTC' });
  const info = await person.get('/connection-info');
  assert.deepEqual(info, {
    mqtt: {
      port: Number(new URL(running.ready.mqtt).port),
      plain_on_lan: false,
      tls_port: Number(new URL(running.ready.mqtts).port),
      anonymous: 'never',
      client_certificates: 'off',
      websocket_path: '/mqtt',
    },
    listen: 'loopback',
    hosts: info.hosts,
    own_ca: true,
    factory_slug: 'vpc',
  });
  for (const host of ['localhost', '127.0.0.1', '::1']) assert.ok(info.hosts.includes(host), host);
  const switched = await person.call('POST', '/auth/switch-factory', { factory_id: other.body.id });
  const there = personWith(running.ready.http, switched.body.access_token);
  assert.equal((await there.get('/connection-info')).factory_slug, 'other');
  assert.equal((await fetch(`${running.ready.http}/api/v1/connection-info`)).status, 401);
});

test('every route of the running appliance is in its OpenAPI document', async () => {
  await using running = await startAppliance();
  const document = (await (await fetch(`${running.ready.http}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, unknown> };
  };
  const declared = [
    ['/devices/{id}', 'delete'],
    ['/dashboard/devices', 'get'],
    ['/devices/sparklines', 'get'],
    ['/connection-info', 'get'],
  ] as const;
  for (const [path, method] of declared) assert.ok(document.paths[path]?.[method], `${method} ${path}`);
  for (const name of ['OverviewDevice', 'Sparkline', 'ConnectionInfo'])
    assert.ok(document.components.schemas[name], name);
});
