import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulatorThread } from '../../../src/workers/simulator-thread.ts';
import { createDemoSimulators, type DemoSimulatorsParts } from '../../../src/workers/workers.ts';
import { setUpOwner, silentLog, testAccounts } from '../../support/accounts.ts';
import { eventually } from '../../support/appliance.ts';

type StartThread = NonNullable<DemoSimulatorsParts['startThread']>;
type ThreadOptions = Parameters<StartThread>[0];

/** Simulators whose threads are only written down. */
async function testSimulators(members: Partial<DemoSimulatorsParts> = {}) {
  const world = testAccounts();
  await setUpOwner(world.accounts);
  const { factories, deviceCredentials } = world.accounts;
  const started: ThreadOptions[] = [];
  const stopped: string[] = [];
  const described: string[] = [];
  const simulators = createDemoSimulators({
    factories: factories.list,
    grant: deviceCredentials.grantSimulator,
    describe: (scope, devices) => described.push(...devices.map(({ key }) => `${scope.slug}/${key}`)),
    newestSampleAt: (_scope, key) => (key === 'b' ? 7 : null),
    url: 'mqtt://127.0.0.1:1',
    log: silentLog(),
    restartMs: 5,
    startThread: (options) => {
      started.push(options);
      return { stop: async () => void stopped.push(options.target.factorySlug) };
    },
    ...members,
  });
  const addDemo = (slug: string) => factories.create({ name: slug, slug, timezone: 'UTC', isDemo: true });
  return { ...world, simulators, started, stopped, described, addDemo };
}

test('each demo factory has one simulator, from its making to its removal; other factories have none', async () => {
  using world = await testSimulators();
  const { simulators, started, stopped, addDemo, accounts } = world;
  simulators.follow();
  assert.equal(started.length, 0);
  const demo = addDemo('demo');
  simulators.follow();
  simulators.follow();
  assert.deepEqual(
    started.map(({ target }) => target.factorySlug),
    ['demo'],
  );
  accounts.factories.remove(demo.scope.factoryUuid, 'demo', () => {});
  simulators.follow();
  assert.deepEqual(stopped, ['demo']);
  await simulators.close();
  addDemo('late');
  simulators.follow();
  assert.equal(started.length, 1);
});

test('a simulator signs in as itself, until it is stopped', async () => {
  using world = await testSimulators();
  const { simulators, started, addDemo, accounts } = world;
  const { scope } = addDemo('demo');
  simulators.follow();
  const { username = '', password = '' } = started[0]?.target ?? {};
  const identity = accounts.deviceCredentials.authenticate(username, password);
  assert.deepEqual([identity?.scope, identity?.deviceKeys], [scope, '*']);
  assert.equal(accounts.deviceCredentials.authenticate(username, 'guess'), undefined);
  assert.deepEqual(accounts.deviceCredentials.list(scope, { limit: 10, after: undefined }), []);
  await simulators.close();
  assert.equal(accounts.deviceCredentials.authenticate(username, password), undefined);
});

test('a simulator makes its devices known and goes on from the newest sample of any of them', async () => {
  using world = await testSimulators();
  const { simulators, started, described, addDemo } = world;
  addDemo('demo');
  simulators.follow();
  const devices = ['a', 'b'].map((key) => ({ key, name: key, tags: [], parameters: [] }));
  assert.equal(started[0]?.prepare(devices), 7);
  assert.deepEqual(described, ['demo/a', 'demo/b']);
  await simulators.close();
});

test('a simulator that failed is started again, unless its factory is gone', async () => {
  using world = await testSimulators();
  const { simulators, started, addDemo, accounts } = world;
  const demo = addDemo('demo');
  simulators.follow();
  started[0]?.onExit(new Error('the broker closed'));
  await eventually(() => (started.length === 2 ? true : undefined));
  accounts.factories.remove(demo.scope.factoryUuid, 'demo', () => {});
  started[1]?.onExit(new Error('the broker closed'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(started.length, 2);
  await simulators.close();
});

test('a simulator whose devices cannot be made known is ended, and started again', async () => {
  let attempts = 0;
  const describe = () => {
    attempts++;
    throw new Error('the database is locked');
  };
  using world = await testSimulators({ describe, startThread: startSimulatorThread });
  world.addDemo('demo');
  world.simulators.follow();
  await eventually(() => (attempts >= 2 ? true : undefined));
  await world.simulators.close();
});
