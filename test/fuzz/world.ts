import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SEED } from '../../src/accounts/accounts.ts';
import { OWNER } from '../support/accounts.ts';
import { type Person, personWith, startAppliance, temporaryDirectory } from '../support/appliance.ts';
import { examined } from '../support/imports.ts';
import { type ApiDocument, type Operation, readDocument } from './document.ts';
import { type Client, createClient } from './exchange.ts';
import { createKnownValues, type KnownValues } from './known-values.ts';
import { addOthers, addPeople, createSessions, type People, type Sessions } from './sessions.ts';

/** A running appliance with something in it, for as long as what is asked of it leaves it whole. */
export interface World extends AsyncDisposable {
  readonly document: ApiDocument;
  readonly client: Client;
  readonly known: KnownValues;
  readonly sessions: Sessions;
  /** Puts back what may have been removed, and looks at what there is. */
  feed(): Promise<void>;
  /** @throws {Error} when the appliance is not ready, or does not store a sample */
  assertAlive(): Promise<void>;
}

/** Where worlds come from: each begins with the same people. */
export interface Worlds extends Disposable {
  /** With people, devices and history. */
  open(): Promise<World>;
  /** An appliance that nobody has set up. */
  openUnset(): Promise<World>;
}

const DAY_MS = 86_400_000;
const DEVICES = ['press', 'oven', 'mixer,2', 'café'];
const CSV =
  'device,parameter,unit,t,value\r\npress,force,kN,2026-01-01T00:00:00Z,1\r\npress,force,kN,2026-01-01T00:01:00Z,2\r\n';

/** Nothing leaves the machine, whatever is made up. */
const FLAGS = { 'notify.allowed_hosts': [] };
const CHANNEL = { kind: 'mqtt', name: 'programs', config: { topic: 'fuzz' } };
const RULE = {
  name: 'too fast',
  severity: 'high',
  condition: {
    all: [
      { parameter: 'speed', operator: 'gt', value: 20 },
      { parameter: 'on', operator: 'eq', value: true },
    ],
  },
};

const topicOf = (device: string) => `factories/${SEED.factorySlug}/devices/${device}/telemetry`;

/** A message of each kind of value, with names that need escaping. */
const messageOf = (timestamp?: number) =>
  JSON.stringify({ metrics: { speed: 17, on: true, state: 'läuft', 'a,b/c': -0.5 }, timestamp });

/** What all GET operations that answer JSON say, taken over, from the shortest paths to the longest. */
async function lookAround({ operations }: ApiDocument, world: Pick<World, 'client' | 'known' | 'sessions'>) {
  const depth = ({ template }: Operation) => template.split('{').length;
  const isJson = ({ answers }: Operation) => 'application/json' in (answers[200] ?? {});
  const readable = operations
    .filter((each) => each.method === 'GET' && isJson(each))
    .toSorted((a, b) => depth(a) - depth(b));
  for (const operation of readable) {
    const at = depth(operation) === 1 ? {} : world.known.place(operation.template, 0);
    if (at === undefined) continue;
    const path = operation.template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''));
    const headers = world.sessions.headersOf({ who: 'super_admin', by: 'token' });
    const answer = await world.client.send({ method: 'GET', path, headers, body: undefined });
    if (!/json/.test(answer.headers['content-type'] ?? '') || answer.status >= 400) continue;
    world.known.learn(operation, at, JSON.parse(answer.body.toString()));
  }
}

/** The machine's clock, set ahead and back again from time to time: so that there are doubts to confirm. */
function createJumpingClock() {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    jump: () => {
      aheadMs = aheadMs === 0 ? 3 * DAY_MS : 0;
    },
  };
}

/** @param people - undefined: nobody has set it up */
async function openWorld(dataDir: string, people: People | undefined): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const clock = createJumpingClock();
  const monotonic = () => performance.now();
  const running = stack.use(await startAppliance({ dataDir, seeded: false, clock, monotonic, flags: FLAGS }));
  const { http } = running.ready;
  const client = stack.use(createClient(http));
  let publisher = await running.connect({ clientId: 'fuzz-feeder' });
  /** Whoever ends connections may have ended this one. */
  const publish = async (device: string, message: string) => {
    if (!publisher.connected) publisher = await running.connect({ clientId: 'fuzz-feeder' });
    await publisher.publishAsync(topicOf(device), message, { qos: 1 });
  };
  const document = readDocument(await (await fetch(`${http}/api/openapi.json`)).json());
  const known = createKnownValues(document.operations);
  known.pin('setup_code', running.ready.setup_code ?? 'AAAA-AAAA');
  known.pin('timezone', 'Europe/Berlin');
  for (const { email, password } of Object.values(people ?? { owner: OWNER })) {
    known.pin('email', email);
    known.pin('password', password);
  }
  const sessions = createSessions(client, http, people ?? ({} as People), SEED.factorySlug);

  /** Lets every device in, and back in: somebody may have closed the factory, or retired one. */
  const letIn = async (owner: Person, devices: readonly string[]): Promise<void> => {
    await owner.call('PUT', '/device-admission', { mode: 'open' });
    for (const [standing, method, way] of [
      ['pending', 'POST', '/approve'],
      ['retired', 'POST', '/reinstate'],
      ['rejected', 'DELETE', ''],
    ] as const) {
      for (const { id, key } of (await owner.get(`/devices?standing=${standing}&limit=500`)).items) {
        if (devices.includes(key)) await owner.call(method, `/devices/${id}${way}`);
      }
    }
  };

  const feed = async (): Promise<void> => {
    if (people === undefined) return;
    clock.jump();
    if (!(await sessions.mend())) throw new Error('the people of the world cannot sign in');
    for (const id of await sessions.ids()) known.spare(id);
    const owner = personWith(http, sessions.tokenOf('super_admin'));
    await letIn(owner, DEVICES);
    for (const device of DEVICES) {
      for (const minutes of [90, 30, 1]) {
        await publish(device, messageOf(Date.now() - minutes * 60_000));
      }
      await publish(device, '{"metrics":{"speed":"fast"}}');
    }
    const { items: imports } = await owner.get('/imports');
    if (imports.length < 5) await examined(http, owner, CSV);
    if ((await owner.get('/rules')).items.length < 5) await owner.call('POST', '/rules', RULE);
    if ((await owner.get('/notification-channels')).items.length < 5) {
      await owner.call('POST', '/notification-channels', CHANNEL);
    }
    await owner.call('POST', '/device-credentials', { name: 'gateway', devices: ['*'] });
    await lookAround(document, { client, known, sessions });
  };

  const storedMessages = async (): Promise<number> => {
    const text = await (await fetch(`${http}/api/v1/metrics`)).text();
    return Number(/^factoryops_messages_total\{[^}]*"stored"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
  };

  const assertAlive = async (): Promise<void> => {
    const ready = await fetch(`${http}/readyz`);
    if (ready.status !== 200) throw new Error(`/readyz answers ${ready.status}: ${await ready.text()}`);
    // An archived factory takes no messages, and a removed one has no people.
    if (people === undefined || !(await sessions.mend())) return;
    await letIn(personWith(http, sessions.tokenOf('super_admin')), ['alive']);
    const before = await storedMessages();
    const acknowledged = publish('alive', messageOf());
    await Promise.race([running.appliance.failed, acknowledged]);
    if ((await storedMessages()) === before) throw new Error('a message was acknowledged and is not stored');
  };

  const owned = stack.move();
  return {
    document,
    client,
    known,
    sessions,
    feed,
    assertAlive,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export async function createWorlds(): Promise<Worlds> {
  const stack = new DisposableStack();
  const root = stack.use(temporaryDirectory()).path;
  const template = join(root, 'template');
  const people = await addPeople(template);
  await addOthers(template);
  const copy = () => {
    const dataDir = mkdtempSync(join(root, 'world-'));
    cpSync(template, dataDir, { recursive: true });
    return dataDir;
  };
  return {
    open: () => openWorld(copy(), people),
    openUnset: () => openWorld(mkdtempSync(join(root, 'unset-')), undefined),
    [Symbol.dispose]: () => stack.dispose(),
  };
}
