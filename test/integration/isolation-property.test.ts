import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeClock } from '../support/accounts.ts';
import { type Person, personWith, type RunningAppliance, startAppliance } from '../support/appliance.ts';
import { examined } from '../support/imports.ts';
import { join } from '../support/isolation-world.ts';
import type { Json } from '../support/json.ts';

const START = Date.UTC(2027, 5, 1, 12);
const SHARED = 'worker@x.example';
const FACTORIES = ['a', 'b'] as const;
type FactoryName = (typeof FACTORIES)[number];

/** What may happen in a factory. Both have devices, people, names and addresses that are called the same. */
type Operation =
  | {
      readonly do: 'publish';
      readonly device: number;
      readonly parameter: number;
      readonly value: number | string;
      readonly agoS: number;
    }
  | { readonly do: 'publish_broken'; readonly device: number }
  | { readonly do: 'sign_in_wrongly'; readonly device: number }
  | { readonly do: 'rename' | 'remove_device' | 'clear_rejects'; readonly device: number }
  | { readonly do: 'describe' | 'reset_kind'; readonly device: number; readonly parameter: number }
  | {
      readonly do: 'make' | 'unmake';
      readonly what: 'device-credentials' | 'invites' | 'api-keys';
      readonly name: number;
    }
  | { readonly do: 'change_worker'; readonly change: object }
  | { readonly do: 'import'; readonly device: number; readonly value: number }
  | { readonly do: 'rename_factory' | 'archive' | 'limit'; readonly name: number };

const small = fc.nat(2);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      device: small,
      parameter: small,
      value: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom('run', 'idle')),
      agoS: fc.nat(300),
    }),
  },
  fc.record({
    do: fc.constantFrom('publish_broken', 'sign_in_wrongly', 'rename', 'remove_device', 'clear_rejects'),
    device: small,
  }),
  fc.record({ do: fc.constantFrom('describe', 'reset_kind'), device: small, parameter: small }),
  fc.record({
    do: fc.constantFrom('make', 'unmake'),
    what: fc.constantFrom('device-credentials', 'invites', 'api-keys'),
    name: small,
  }),
  fc.record({
    do: fc.constant('change_worker' as const),
    change: fc.constantFrom<object>(
      { role: 'operator' },
      { role: 'viewer' },
      { permissions: ['devices'] },
      { is_active: false },
      { is_active: true },
    ),
  }),
  fc.record({ do: fc.constant('import' as const), device: small, value: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('rename_factory', 'archive', 'limit'), name: small }),
);

interface World {
  readonly running: RunningAppliance;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly owner: Person;
  readonly factories: Map<FactoryName, { readonly id: string; readonly admin: Person }>;
}

async function begin(names: readonly FactoryName[]): Promise<World> {
  const clock = fakeClock(START);
  const running = await startAppliance({ clock });
  const owner = await running.signIn();
  const factories: World['factories'] = new Map();
  const { http } = running.ready;
  for (const name of names) {
    const made = await owner.call('POST', '/factories', { name, slug: name, timezone: 'Europe/Berlin' });
    const entered = await owner.call('POST', '/auth/switch-factory', { factory_id: made.body.id });
    const there = personWith(http, entered.body.access_token);
    const { token } = await join(http, there, `admin@${name}.example`, { role: 'admin' });
    await join(http, there, SHARED, { role: 'viewer' });
    factories.set(name, { id: made.body.id, admin: personWith(http, token) });
  }
  return { running, clock, owner, factories };
}

const device = (index: number) => `M0${index}`;
const parameter = (index: number) => ['voltage', 'current', 'state'][index] ?? '';

/** Does one thing in one factory. What is refused is refused: both worlds have to agree on that, too. */
async function act(
  { running, clock, owner, factories }: World,
  name: FactoryName,
  operation: Operation,
): Promise<unknown> {
  const { admin, id } = factories.get(name) ?? assert.fail(name);
  const idOf = async (index: number): Promise<string> =>
    (await admin.call('GET', `/devices?key=${device(index)}`)).body.items?.[0]?.id ?? '0';
  const publish = async (key: string, payload: string) => {
    const client = await running.connect({ clientId: `${name}-${Math.random()}` });
    await client.publishAsync(`factories/${name}/devices/${key}/telemetry`, payload, { qos: 1 });
    await client.endAsync();
  };
  const call = async (method: string, path: string, body?: unknown) => (await admin.call(method, path, body)).status;
  switch (operation.do) {
    case 'publish': {
      const timestamp = clock.now() - operation.agoS * 1_000;
      const metrics = { [parameter(operation.parameter)]: operation.value };
      return publish(device(operation.device), JSON.stringify({ metrics, timestamp }));
    }
    case 'publish_broken':
      return publish(device(operation.device), 'not json');
    case 'sign_in_wrongly':
      return running
        .connect({ clientId: 'x', username: `${name}/${device(operation.device)}`, password: 'wrong' })
        .catch(() => 'refused');
    case 'rename':
      return call('PATCH', `/devices/${await idOf(operation.device)}`, { name: `renamed in ${name}` });
    case 'remove_device':
      return call('DELETE', `/devices/${await idOf(operation.device)}`);
    case 'clear_rejects':
      return call('DELETE', `/devices/${await idOf(operation.device)}/rejects`);
    case 'describe':
      return call('PATCH', `/devices/${await idOf(operation.device)}/parameters/${parameter(operation.parameter)}`, {
        unit: name,
        high_limit: 5,
      });
    case 'reset_kind':
      return call(
        'POST',
        `/devices/${await idOf(operation.device)}/parameters/${parameter(operation.parameter)}/reset-kind`,
      );
    case 'make': {
      const bodies = {
        'device-credentials': { name: `n${operation.name}`, devices: ['*'] },
        invites: { email: `n${operation.name}@x.example`, role: 'viewer', permissions: [] },
        'api-keys': { name: `n${operation.name}`, role: 'viewer', permissions: [], expires_at: null },
      };
      return call('POST', `/${operation.what}`, bodies[operation.what]);
    }
    case 'unmake': {
      const items: Json[] = (await admin.call('GET', `/${operation.what}`)).body.items ?? [];
      const found = items.find((item) => (item.name ?? item.email).startsWith(`n${operation.name}`));
      return call('DELETE', `/${operation.what}/${found?.id ?? '0'}`);
    }
    case 'change_worker': {
      const [worker] = (await admin.call('GET', `/users?q=${SHARED}`)).body.items ?? [];
      return call('PATCH', `/users/${worker?.id ?? '0'}`, operation.change);
    }
    case 'import': {
      const t = new Date(START - 2 * 86_400_000).toISOString();
      const csv = `device,parameter,t,value\n${device(operation.device)},imported,${t},${operation.value}\n`;
      const job = await examined(running.ready.http, admin, csv).catch(() => undefined);
      if (job?.state !== 'ready') return job?.state;
      await call('POST', `/imports/${job.id}/start`, {});
      for (;;) {
        const { state } = await admin.get(`/imports/${job.id}`);
        if (state !== 'running') return state;
      }
    }
    case 'rename_factory':
      return (await owner.call('PATCH', `/factories/${id}`, { name: `${name}${operation.name}` })).status;
    case 'archive': {
      await owner.call('POST', `/factories/${id}/archive`);
      await publish(device(operation.name), JSON.stringify({ metrics: { voltage: 1 }, timestamp: clock.now() }));
      return (await owner.call('POST', `/factories/${id}/restore`)).status;
    }
    case 'limit': {
      const limits = { devices: operation.name + 1, requests_per_s: null, streams: null, heavy_queries: null };
      return (await owner.call('PUT', `/factories/${id}/limits`, limits)).status;
    }
  }
}

/** Everything that an admin of A sees, with ids by the order in which they are met. */
async function visible({ running, clock, factories }: World): Promise<Json> {
  const { admin } = factories.get('a') ?? assert.fail('a');
  const range = `from=${new Date(START - 86_400_000 * 5).toISOString()}&to=${new Date(clock.now() + 3_600_000).toISOString()}`;
  const devices: Json[] = (await admin.get('/devices')).items;
  const paths = [
    '/auth/me',
    '/devices',
    '/dashboard/devices',
    '/rejects',
    '/device-credentials',
    '/users',
    '/invites',
    '/api-keys',
    '/imports',
    '/connection-log?kind=refused,dropped',
    '/audit?limit=500',
    '/connection-info',
    '/clock',
    ...devices.flatMap(({ id }) => [
      `/devices/${id}/parameters`,
      `/devices/${id}/kpis/live`,
      `/devices/${id}/rejects`,
      `/devices/${id}/kpis/history?interval=raw&${range}`,
      `/devices/${id}/kpis/history?interval=1h&${range}`,
    ]),
  ];
  const answers: Json[] = [];
  for (const path of paths) answers.push([path, await admin.get(path)]);
  // The disk is one for all, and so is what is free of it.
  const { storage: _, ...summary } = await admin.get('/dashboard/summary');
  const file = await fetch(`${running.ready.http}/api/v1/history/export?${range}`, {
    headers: { Authorization: `Bearer ${admin.token}` },
  });
  const text = JSON.stringify([answers, summary, await file.text()]);
  const seen = new Map<string, string>();
  const named = text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    const name = seen.get(id) ?? `id-${seen.size}`;
    seen.set(id, name);
    return name;
  });
  return JSON.parse(named.replaceAll(/"((?:tls_)?port)":\d+/g, '"$1":0'));
}

test('whatever happens in B, all that A sees is what it would see without B', { timeout: 300_000 }, async () => {
  const steps = fc.array(fc.record({ factory: fc.constantFrom(...FACTORIES), operation: operations }), {
    minLength: 15,
    maxLength: 40,
  });
  const run = async (
    names: readonly FactoryName[],
    list: readonly { factory: FactoryName; operation: Operation }[],
    removesB: boolean,
  ) => {
    const world = await begin(names);
    await using _ = world.running;
    for (const { factory, operation } of list) {
      if (!names.includes(factory)) continue;
      // Time passes by what happens in A, so that it is the same in both worlds.
      if (factory === 'a') world.clock.advance(1_000);
      await act(world, factory, operation);
    }
    const b = world.factories.get('b');
    if (removesB && b !== undefined) {
      assert.equal((await world.owner.call('DELETE', `/factories/${b.id}?confirm=b`)).status, 204);
    }
    // Awaited, so that the appliance is still there.
    return await visible(world);
  };
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (list, removesB) => {
      const [withB, withoutB] = [await run(['a', 'b'], list, removesB), await run(['a'], list, removesB)];
      assert.deepEqual(withB, withoutB);
    }),
    { seed: Number(process.env.SEED ?? 4711), numRuns: Number(process.env.RUNS ?? 6), endOnFailure: true },
  );
});
