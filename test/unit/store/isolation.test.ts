import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintFactoryScope } from '../../../src/core/scope.ts';
import { isolate, tenantTables } from '../../../src/store/isolation.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import type { Sql } from '../../../src/store/store.ts';
import { controlStore } from '../../support/control-store.ts';
import { withCode } from '../../support/errors.ts';

const scopeOf = (factoryId: number, slug: string) =>
  mintFactoryScope({ factoryId, factoryUuid: `uuid-${slug}`, slug, timezone: 'UTC' });

const ours = scopeOf(1, 'ours');
const theirs = scopeOf(2, 'theirs');

const DEVICE = 'insert into main.devices (factory_id, id, key, name, created_at) values (?, ?, ?, ?, 0)';
const PARAMETER = `insert into main.parameters (factory_id, device_id, name, kind, series_id, created_at)
                   values (?, ?, 'voltage', 'number', 1, 0)`;

/** Two factories with a device each, `d-ours` and `d-theirs`, both with the key M01. */
function twoFactories() {
  const control = controlStore();
  const { store } = control;
  store.system('create factory', (sql) => {
    for (const { factoryId, factoryUuid, slug } of [ours, theirs]) {
      sql.run(
        "insert into main.factories (id, uuid, slug, name, timezone, created_at) values (?, ?, ?, ?, 'UTC', 0)",
        factoryId,
        factoryUuid,
        slug,
        slug,
      );
    }
  });
  for (const scope of [ours, theirs]) {
    store.write(scope, (sql) => sql.run(DEVICE, scope.factoryId, `d-${scope.slug}`, 'M01', scope.slug));
  }
  const devices = () =>
    store.system('check health', (sql) =>
      sql.all<{ factory_id: number; id: string; name: string }>(
        'select factory_id, id, name from devices order by factory_id, id',
      ),
    );
  const before = devices();
  /** Runs `fn` as our factory, expects `code`, and that no device changed. */
  const refused = (code: 'not_found' | 'isolation', fn: (sql: Sql) => unknown) => {
    assert.throws(() => store.write(ours, fn), withCode(code));
    assert.deepEqual(devices(), before);
  };
  return { ...control, devices, before, refused };
}

test('every table with a factory_id is guarded, and there are some', () => {
  using world = twoFactories();
  const db = openDatabase(world.file);
  const tables = tenantTables(db);
  db.close();
  for (const table of ['devices', 'parameters', 'memberships', 'device_credentials', 'refusals']) {
    assert.ok(tables.includes(table), table);
  }
});

test('a query that forgets the factory sees its own factory alone', () => {
  using world = twoFactories();
  for (const [scope, id] of [
    [ours, 'd-ours'],
    [theirs, 'd-theirs'],
  ] as const) {
    for (const door of [world.store.read, world.store.write]) {
      assert.deepEqual(
        door(scope, (sql) => sql.all('select id from devices')),
        [{ id }],
      );
    }
  }
  assert.equal(
    world.store.read(ours, (sql) => sql.get('select id from devices where id = ?', 'd-theirs')),
    undefined,
  );
});

test('a join reaches no row of another factory', () => {
  using world = twoFactories();
  world.store.write(theirs, (sql) => sql.run(PARAMETER, theirs.factoryId, 'd-theirs'));
  const rows = world.store.read(ours, (sql) =>
    sql.all('select p.name from parameters p join devices d on d.key = ? left join devices o on 1 = 1', 'M01'),
  );
  assert.deepEqual(rows, []);
});

test('without a scope a guarded connection sees nothing and writes nothing', () => {
  using world = twoFactories();
  const db = openDatabase(world.file);
  isolate(db, { writable: true });
  assert.deepEqual(db.prepare('select id from devices').all(), []);
  assert.throws(() => db.prepare(DEVICE).run(1, 'x', 'x', 'x'), /foreign factory/);
  assert.throws(() => db.prepare("update main.devices set name = 'x'").run(), /foreign factory/);
  assert.throws(() => db.prepare('delete from main.devices').run(), /foreign factory/);
  db.close();
});

test('a row cannot be inserted into another factory, nor into none', () => {
  using world = twoFactories();
  world.refused('not_found', (sql) => sql.run(DEVICE, theirs.factoryId, 'new', 'M02', 'x'));
});

test('an upsert cannot change a foreign row', () => {
  using world = twoFactories();
  world.refused('not_found', (sql) =>
    sql.run(
      `${DEVICE} on conflict (factory_id, id) do update set name = 'stolen'`,
      theirs.factoryId,
      'd-theirs',
      'M01',
      'x',
    ),
  );
});

test('INSERT OR REPLACE cannot remove a foreign row by a key that is unique across factories', () => {
  using world = twoFactories();
  const credential = (sql: Sql, factoryId: number, verb: string) =>
    sql.run(
      `${verb} into main.device_credentials (factory_id, id, name, username, password_hash, device_keys, created_at)
       values (?, ?, 'gw', 'theirs/gw', '', '[]', 0)`,
      factoryId,
      `c-${factoryId}`,
    );
  world.store.write(theirs, (sql) => credential(sql, theirs.factoryId, 'insert'));
  world.refused('not_found', (sql) => credential(sql, ours.factoryId, 'insert or replace'));
  assert.equal(world.store.read(theirs, (sql) => sql.all('select id from device_credentials')).length, 1);
  assert.equal(world.store.read(ours, (sql) => sql.all('select id from device_credentials')).length, 0);
});

test('a row cannot be moved into another factory, nor a foreign one fetched', () => {
  using world = twoFactories();
  world.refused('not_found', (sql) =>
    sql.run("update main.devices set factory_id = ? where id = 'd-ours'", theirs.factoryId),
  );
  world.refused('not_found', (sql) =>
    sql.run("update main.devices set factory_id = ? where id = 'd-theirs'", ours.factoryId),
  );
});

test('foreign rows cannot be updated or deleted, not even among others', () => {
  using world = twoFactories();
  world.refused('not_found', (sql) => sql.run("update main.devices set name = 'x'"));
  world.refused('not_found', (sql) => sql.run('delete from main.devices'));
  world.refused('not_found', (sql) => sql.run("delete from main.devices where id = 'd-theirs'"));
});

test('a row cannot point into another factory', () => {
  using world = twoFactories();
  world.refused('not_found', (sql) => sql.run(PARAMETER, ours.factoryId, 'd-theirs'));
  assert.deepEqual(
    world.store.system('check health', (sql) => sql.all('select name from parameters')),
    [],
  );
});

test('a foreign row and a missing row fail alike', () => {
  using world = twoFactories();
  const failure = (deviceId: string) => {
    try {
      world.store.write(ours, (sql) => sql.run(PARAMETER, ours.factoryId, deviceId));
    } catch (error) {
      return String(error);
    }
    return assert.fail('written');
  };
  assert.equal(failure('d-theirs'), failure('d-nobody'));
});

test('nothing can be written through read, not by the main name either', () => {
  using world = twoFactories();
  for (const sql of [
    "update main.devices set name = 'x' where factory_id = 1",
    "insert into devices (id) values ('x')",
  ]) {
    assert.throws(() => world.store.read(ours, (door) => door.run(sql)));
  }
  assert.deepEqual(world.devices(), world.before);
});

test('a promise or an iterator cannot carry the scope away', () => {
  using world = twoFactories();
  world.refused('isolation', async (sql) => sql.run("update main.devices set name = 'x' where factory_id = 1"));
  world.refused('isolation', (sql) => [sql.get('select 1')].values());
  world.refused('isolation', function* (sql) {
    yield sql.get('select 1');
  });
  world.refused('isolation', async function* (sql) {
    yield sql.get('select 1');
  });
  assert.throws(() => world.store.read(ours, () => Promise.resolve(1)), withCode('isolation'));
  assert.throws(() => world.store.system('check health', () => Promise.resolve(1)), withCode('isolation'));
});

test('a connection that was kept sees nothing after its call', () => {
  using world = twoFactories();
  let kept: Sql | undefined;
  world.store.read(ours, (sql) => {
    kept = sql;
  });
  assert.deepEqual(kept?.all('select id from devices'), []);
});

test('calls do not nest, and the store works on after the refusal', () => {
  using world = twoFactories();
  world.refused('isolation', () => world.store.read(theirs, (sql) => sql.all('select id from devices')));
  world.refused('isolation', () =>
    world.store.write(theirs, (sql) => sql.run('delete from main.devices where factory_id = 2')),
  );
  world.refused('isolation', () => world.store.system('check health', (sql) => sql.all('select id from devices')));
  assert.equal(world.store.read(ours, (sql) => sql.all('select id from devices')).length, 1);
});

test('what fn throws undoes all of its writes and clears the scope', () => {
  using world = twoFactories();
  assert.throws(
    () =>
      world.store.write(ours, (sql) => {
        sql.run("update main.devices set name = 'x' where factory_id = 1");
        throw new Error('after all');
      }),
    /after all/,
  );
  assert.deepEqual(world.devices(), world.before);
  assert.deepEqual(
    world.store.read(theirs, (sql) => sql.all('select id from devices')),
    [{ id: 'd-theirs' }],
  );
});

test('a scoped query uses the index of the table behind the view', () => {
  using world = twoFactories();
  const plan = world.store.read(ours, (sql) =>
    sql.all<{ detail: string }>("explain query plan select id from devices where key = 'M01'"),
  );
  assert.match(plan.map((step) => step.detail).join(), /SEARCH main\.devices USING .*\(factory_id=\? AND key=\?\)/);
});

test('what only reads across factories does not wait for a writer, and cannot write', () => {
  using world = twoFactories();
  const other = openDatabase(world.file);
  other.exec('begin immediate');
  const startedAt = performance.now();
  const slugs = world.store.systemRead('list factories', (sql) => sql.all('select slug from factories order by id'));
  assert.ok(performance.now() - startedAt < 1_000, 'it waited for the lock');
  assert.deepEqual(slugs, [{ slug: 'ours' }, { slug: 'theirs' }]);
  other.exec('rollback');
  other.close();
  assert.throws(
    () => world.store.systemRead('list factories', (sql) => sql.get("update factories set name = 'x' returning id")),
    /readonly/,
  );
});
