import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';

/**
 * The layer table: the rules of the house, and their documentation. Imports point down only. Between parts of one
 * layer only types pass: the composition root (`appliance.ts`) hands one part's functions to another.
 */
const LAYERS: readonly (readonly string[])[] = [
  ['main'],
  ['commands'],
  ['appliance', 'doctor'],
  ['appliance-routes'],
  [
    'wiring',
    'mqtt-wiring',
    'device-wiring',
    'alarm-wiring',
    'notify-wiring',
    'rules-wiring',
    'demo-factory',
    'listening',
  ],
  ['control'],
  ['api', 'broker', 'workers'],
  [
    'accounts',
    'alarms',
    'audit',
    'devices',
    'device-commands',
    'telemetry',
    'historian',
    'simulator',
    'transfer',
    'notify',
    'rules',
    'tls',
  ],
  ['store'],
  ['config'],
  ['core'],
];

/** Folders whose every file may be imported. Of all others only the face, the file named after the folder. */
const OPEN = new Set(['core', 'store', 'commands']);

/** Faces that are not named after their folder: the API is a server and one file of routes for each resource. */
const FACES: Readonly<Record<string, RegExp>> = { api: /^src\/api\/(server|routes\/[^/]+)\.ts$/ };

/** Which folders may name a package, or a Node module that does the same. A package not listed here is refused. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['historian'],
  '@duckdb/node-bindings': ['historian'],
  '@koa/bodyparser': ['api'],
  '@koa/cors': ['api'],
  '@koa/router': ['api'],
  '@peculiar/x509': ['tls'],
  aedes: ['broker'],
  'better-sqlite3': ['store', 'historian'],
  commander: ['commands', 'main'],
  jose: ['accounts'],
  koa: ['api'],
  mqtt: ['simulator'],
  'mqtt-packet': ['broker'],
  nodemailer: ['notify'],
  otpauth: ['accounts'],
  pino: ['core'],
  piscina: ['workers'],
  'prom-client': ['core'],
  'reflect-metadata': ['tls'],
  'temporal-polyfill': ['historian', 'rules'],
  'simple-statistics': ['rules'],
  ws: ['broker'],
  yazl: ['transfer'],
  zod: ['config', 'api', 'rules', 'notify'],
  'node:worker_threads': ['workers'],
  'node:http': ['api', 'broker', 'notify'],
  'node:https': ['api', 'notify'],
  'node:net': ['api', 'broker', 'doctor', 'notify', 'tls'],
  'node:tls': ['broker', 'notify', 'tls'],
};

/** Why code may look across factories, and which files may say so. A new line here is a decision. */
const SYSTEM_PURPOSES: Readonly<Record<string, readonly string[]>> = {
  'accept invite': ['src/accounts/invites.ts'],
  'authenticate device': ['src/accounts/credentials.ts', 'src/accounts/device-certificates.ts'],
  'check health': ['src/wiring.ts', 'src/accounts/users.ts'],
  'change factory': ['src/accounts/factories.ts'],
  'create factory': ['src/accounts/factories.ts'],
  'drain outbox': ['src/notify/outbox.ts'],
  'end login': ['src/accounts/members.ts'],
  'erase removed history': ['src/devices/removals.ts'],
  'expire commands': ['src/device-commands/device-commands.ts'],
  'first setup': ['src/accounts/setup.ts'],
  'keep MQTT sessions': ['src/broker/journal.ts', 'src/broker/retained.ts', 'src/broker/sessions.ts'],
  'keep the audit': ['src/audit/audit.ts', 'src/audit/keeper.ts'],
  'list factories': ['src/accounts/factories.ts', 'src/accounts/limits.ts'],
  'manage logins': ['src/accounts/logins.ts'],
  'measure storage': ['src/historian/stock.ts'],
  'read the audit': ['src/audit/entries.ts', 'src/audit/keeper.ts'],
  'read connection log': ['src/telemetry/refusals.ts'],
  'record last seen': ['src/devices/devices.ts'],
  'record refusals': ['src/telemetry/refusals.ts'],
  'remember the clock': ['src/store/clock-record.ts'],
  'register discovered devices': ['src/devices/devices.ts'],
  'rescue users': ['src/accounts/users.ts'],
  'reset password': ['src/accounts/password-resets.ts'],
  'remove factory': ['src/accounts/factories.ts'],
  'resume imports': ['src/transfer/import-rows.ts'],
  'seal history': ['src/historian/archive.ts'],
  'remove old history': ['src/historian/retention.ts'],
  seed: ['src/accounts/seed.ts'],
  'sign in': [
    'src/accounts/api-keys.ts',
    'src/accounts/own-sessions.ts',
    'src/accounts/profiles.ts',
    'src/accounts/second-factors.ts',
    'src/accounts/sessions.ts',
  ],
  'verify history': ['src/historian/verifier.ts'],
  'watch alarms': ['src/alarms/sweep.ts'],
};

const MAX_LINES = 500;
const MAX_ROUTE_LINES = 300;

interface Source {
  readonly path: string;
  readonly text: string;
}

const ROOT = resolve(import.meta.dirname, '..');

function sources(folder = 'src'): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(ROOT, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
}

const partOf = (path: string): string => (path.split('/')[1] ?? '').replace(/\.ts$/, '');
const layerOf = (part: string): number => LAYERS.findIndex((layer) => layer.includes(part));

/** Import and re-export statements: what they name, and whether types alone pass. */
function importsOf({ text }: Source): { specifier: string; typeOnly: boolean }[] {
  const statement = /^(?:import|export)\s+(type\s)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm;
  return [...text.matchAll(statement)].map(([, type, clause = '', specifier = '']) => {
    const names = /^\{([^}]*)\}$/s
      .exec(clause.trim())?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const onlyTypes = names !== undefined && names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
    return { specifier, typeOnly: type !== undefined || onlyTypes };
  });
}

function importBreaches(source: Source): string[] {
  const from = partOf(source.path);
  return importsOf(source).flatMap(({ specifier, typeOnly }) => {
    const breach = (what: string) => [`${source.path} imports ${specifier}: ${what}`];
    if (!specifier.startsWith('.')) {
      const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
      const owners = PACKAGES[name ?? ''];
      if (owners === undefined)
        return specifier.startsWith('node:') ? [] : breach('a package that the table does not list');
      return owners.includes(from) || typeOnly ? [] : breach(`only ${owners.join(', ')} may`);
    }
    const target = join(source.path, '..', specifier).split(sep).join('/');
    const to = partOf(target);
    if (to === from) return [];
    const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
    if (fromLayer < 0 || toLayer < 0) return breach('the layer table does not know the folder');
    if (toLayer < fromLayer) return breach('imports point down only');
    if (toLayer === fromLayer && !typeOnly) return breach('within a layer only types pass');
    const face = FACES[to] ?? new RegExp(`^src/(${to}/)?${to}\\.ts$`);
    return OPEN.has(to) || face.test(target) ? [] : breach("past the folder's face");
  });
}

function textBreaches({ path, text }: Source): string[] {
  const part = partOf(path);
  const breaches: string[] = [];
  if (part !== 'store' && /(?<!delete )\b(?:from|join) main\./i.test(text)) {
    breaches.push(`${path} reads past the isolation views: name the table without "main."`);
  }
  if (/\bmintFactoryScope\b/.test(text) && part !== 'accounts' && path !== 'src/core/scope.ts') {
    breaches.push(`${path} mints a FactoryScope: only accounts may`);
  }
  for (const [, purpose = ''] of text.matchAll(/\.system(?:Read)?\(\s*'([^']*)'/g)) {
    if (SYSTEM_PURPOSES[purpose]?.includes(path) !== true) {
      breaches.push(`${path} looks across factories to ${purpose}: the table does not allow it`);
    }
  }
  const lines = text.split('\n').length;
  const limit = path.startsWith('src/api/routes/') ? MAX_ROUTE_LINES : MAX_LINES;
  if (lines > limit) breaches.push(`${path} has ${lines} lines, more than ${limit}: it is two things`);
  return breaches;
}

/** The interface is built for browsers: of the sources it takes files of `core` that import nothing themselves. */
function sharingBreaches(source: Source, all: readonly Source[]): string[] {
  return importsOf(source).flatMap(({ specifier }) => {
    const target = join(source.path, '..', specifier).split(sep).join('/');
    if (!target.startsWith('src/')) return [];
    const shared = all.find(({ path }) => path === target);
    if (partOf(target) === 'core' && shared !== undefined && importsOf(shared).length === 0) return [];
    return [`${source.path} imports ${specifier}: only what is in core and imports nothing may be shared`];
  });
}

const breachesOf = (source: Source): string[] => [...importBreaches(source), ...textBreaches(source)];

test('imports point down, packages stay where they belong, and isolation is not by-passed', () => {
  assert.deepEqual(sources().flatMap(breachesOf), []);
});

test('the interface shares nothing with the server but rules that run anywhere', () => {
  const all = sources();
  assert.deepEqual(
    sources('ui').flatMap((source) => sharingBreaches(source, all)),
    [],
  );
  const breaches = ['core/errors', 'core/log', 'historian/calendar-interval', 'core/none'].flatMap((name) =>
    sharingBreaches({ path: 'ui/charts/gaps.ts', text: `import { x } from '../../src/${name}.ts';` }, all),
  );
  assert.deepEqual(
    breaches.map((breach) => /src\/([\w/-]+)/.exec(breach)?.[1]),
    ['core/log', 'historian/calendar-interval', 'core/none'],
  );
});

test('every purpose of looking across factories is declared, allowed to somebody and used', () => {
  const store = readFileSync(join(ROOT, 'src/store/store.ts'), 'utf8');
  const union = /export type SystemPurpose =([^;]*);/.exec(store)?.[1] ?? '';
  const declared = [...union.matchAll(/'([^']+)'/g)].map(([, purpose]) => purpose);
  assert.deepEqual(declared.toSorted(), Object.keys(SYSTEM_PURPOSES).toSorted());
  const used = sources().flatMap(({ text }) =>
    [...text.matchAll(/\.system(?:Read)?\(\s*'([^']*)'/g)].map(([, name]) => name),
  );
  assert.deepEqual([...new Set(used)].toSorted(), Object.keys(SYSTEM_PURPOSES).toSorted());
});

test('the rules see a breach of each kind', () => {
  const cases: [path: string, text: string, seen: RegExp][] = [
    ['src/core/clock.ts', "import { openStore } from '../store/store.ts';", /down only/],
    ['src/devices/devices.ts', "import { createIngest } from '../telemetry/telemetry.ts';", /only types/],
    ['src/api/server.ts', "import { decode } from '../telemetry/decode.ts';", /face/],
    ['src/api/server.ts', "import Database from 'better-sqlite3';", /only store, historian may/],
    ['src/core/ids.ts', "import lodash from 'lodash';", /does not list/],
    ['src/devices/devices.ts', "sql.all('select * from main.devices')", /isolation views/],
    ['src/api/server.ts', 'mintFactoryScope(row)', /mints/],
    ['src/api/server.ts', "store.system('sign in', fn)", /across factories/],
    ['src/api/routes/auth.ts', '\n'.repeat(MAX_ROUTE_LINES + 1), /lines/],
  ];
  for (const [path, text, seen] of cases) assert.match(breachesOf({ path, text }).join('\n'), seen);
});
