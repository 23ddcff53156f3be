import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changed, WatchedTable } from '../../../src/store/changes.ts';
import { openDatabase } from '../../../src/store/sqlite.ts';
import { type AuditTrail, openStore, type Sql } from '../../../src/store/store.ts';
import { testAccounts } from '../../support/accounts.ts';
import { controlStore } from '../../support/control-store.ts';

const devices: WatchedTable = {
  table: 'devices',
  id: 'row.id',
  name: 'row.key',
  factory: 'row.factory_id',
  columns: { key: 'value', name: 'value', created_at: 'time' },
};
const parameters: WatchedTable = {
  table: 'parameters',
  id: "row.device_id || '/' || row.name",
  name: 'row.name',
  factory: 'row.factory_id',
  columns: { unit: 'value', is_kpi: 'flag' },
};
const credentials: WatchedTable = {
  table: 'device_credentials',
  id: 'row.id',
  name: 'row.name',
  factory: 'row.factory_id',
  columns: { device_keys: 'json', password_hash: 'hidden' },
};

/** A store whose changes are kept here. */
function watched() {
  const control = controlStore();
  const told: (Changed & { factoryId: number | null })[] = [];
  let isFailing = false;
  const audit: AuditTrail = {
    tables: [devices, parameters, credentials],
    record: (_sql, changed, factoryId) => {
      if (isFailing) throw new Error('the audit cannot be written');
      told.push({ ...changed, factoryId });
    },
  };
  const store = openStore(control.file, { audit });
  const system = <T>(fn: (sql: Sql) => T) => store.system('change factory', fn);
  system((sql) =>
    sql.run(
      "insert into main.factories (id, uuid, slug, name, timezone, created_at) values (1, 'u', 's', 'n', 'UTC', 0)",
    ),
  );
  const add = (sql: Sql, id: string) =>
    sql.run('insert into main.devices (factory_id, id, key, name, created_at) values (1, ?1, ?1, ?1, 5)', id);
  return {
    store,
    told,
    system,
    add,
    fail: () => {
      isFailing = true;
    },
    file: control.file,
    [Symbol.dispose]: () => {
      store.close();
      control[Symbol.dispose]();
    },
  };
}

test('rows that come, change and go are told with what they were and are', () => {
  using world = watched();
  world.system((sql) => world.add(sql, 'd'));
  world.system((sql) => sql.run("update main.devices set name = 'new'"));
  world.system((sql) => sql.run('delete from main.devices'));
  assert.deepEqual(
    world.told.map(({ rows }) => rows),
    [
      [
        {
          table: 'devices',
          id: 'd',
          name: 'd',
          factoryId: 1,
          before: null,
          after: { key: 'd', name: 'd', created_at: '1970-01-01T00:00:00.005Z' },
        },
      ],
      [{ table: 'devices', id: 'd', name: 'd', factoryId: 1, before: { name: 'd' }, after: { name: 'new' } }],
      [
        {
          table: 'devices',
          id: 'd',
          name: 'd',
          factoryId: 1,
          before: { key: 'd', name: 'new', created_at: '1970-01-01T00:00:00.005Z' },
          after: null,
        },
      ],
    ],
  );
});

test('what stays as it is, and columns that are not told, leave no word', () => {
  using world = watched();
  world.system((sql) => world.add(sql, 'd'));
  world.told.length = 0;
  world.system((sql) => sql.run('update main.devices set last_seen_at = 9'));
  world.system((sql) => sql.run("update main.devices set name = 'd'"));
  world.system((sql) => {
    sql.run('delete from main.devices');
    world.add(sql, 'd');
  });
  assert.deepEqual(world.told, []);
});

test('several changes of a row within a transaction are one', () => {
  using world = watched();
  world.system((sql) => {
    world.add(sql, 'd');
    sql.run("update main.devices set name = 'a'");
    sql.run("update main.devices set name = 'b'");
  });
  assert.deepEqual(
    world.told[0]?.rows.map(({ before, after }) => [before, after?.name]),
    [[null, 'b']],
  );
});

test('what goes with a row by its foreign key is told too', () => {
  using world = watched();
  world.system((sql) => {
    world.add(sql, 'd');
    sql.run(
      "insert into main.parameters (factory_id, device_id, name, kind, series_id, created_at) values (1, 'd', 'p', 'number', 1, 0)",
    );
  });
  world.told.length = 0;
  world.system((sql) => sql.run('delete from main.devices'));
  assert.deepEqual(world.told[0]?.rows.map(({ table, after }) => [table, after]).toSorted(), [
    ['devices', null],
    ['parameters', null],
  ]);
});

test('of a hidden column it is told that it was set or changed, and nothing of what it holds', () => {
  using world = watched();
  world.system((sql) =>
    sql.run(`insert into main.device_credentials (factory_id, id, name, username, password_hash, device_keys, created_at)
      values (1, 'c', 'c', 's/c', 'HASH-1', '["*"]', 0)`),
  );
  world.system((sql) =>
    sql.run("update main.device_credentials set password_hash = 'HASH-2', device_keys = '[\"a\"]'"),
  );
  world.system((sql) => sql.run('delete from main.device_credentials'));
  const [made, changed, removed] = world.told.map(({ rows }) => rows[0]);
  assert.deepEqual(made?.after, { device_keys: ['*'], password_hash: '(hidden, new)' });
  assert.deepEqual(
    [changed?.before, changed?.after],
    [
      { device_keys: ['*'], password_hash: '(hidden)' },
      { device_keys: ['a'], password_hash: '(hidden, new)' },
    ],
  );
  assert.deepEqual(removed?.before, { device_keys: ['a'], password_hash: '(hidden)' });
  assert.doesNotMatch(JSON.stringify(world.told), /HASH/);
});

test('what a failed statement, or a failed transaction, has done is not told', () => {
  using world = watched();
  world.system((sql) => world.add(sql, 'd'));
  world.told.length = 0;
  world.system((sql) => {
    // The second row breaks the key, and takes the first one with it.
    assert.throws(() =>
      sql.run(
        "insert into main.devices (factory_id, id, key, name, created_at) values (1, 'x', 'x', 'x', 0), (1, 'd', 'd', 'd', 0)",
      ),
    );
    world.add(sql, 'e');
  });
  assert.throws(() =>
    world.system((sql) => {
      world.add(sql, 'f');
      throw new Error('no');
    }),
  );
  world.system((sql) => world.add(sql, 'g'));
  assert.deepEqual(
    world.told.map(({ rows }) => rows.map(({ id }) => id)),
    [['e'], ['g']],
  );
});

test('when the audit cannot be written, nothing is changed', () => {
  using world = watched();
  world.fail();
  assert.throws(() => world.system((sql) => world.add(sql, 'd')), /the audit cannot be written/);
  assert.deepEqual(
    world.store.systemRead('check health', (sql) => sql.all('select id from devices')),
    [],
  );
});

test('what the appliance does by itself all the time is not told', () => {
  using world = watched();
  world.store.system('register discovered devices', (sql) => world.add(sql, 'd'));
  assert.deepEqual(world.told, []);
});

test('of very many rows some are told, and the others counted', () => {
  using world = watched();
  world.system((sql) => {
    for (let index = 0; index < 700; index += 1) world.add(sql, `d${index}`);
  });
  assert.equal(world.told[0]?.rows.length, 500);
  assert.deepEqual(world.told[0]?.omitted, { devices: 200 });
});

test('in a scope, what is told is of its factory, and foreign rows are as out of reach as ever', () => {
  using world = testAccounts();
  const told: Changed[] = [];
  const store = openStore(world.file, {
    audit: { tables: [devices], record: (_sql, changed) => void told.push(changed) },
  });
  const north = world.accounts.factories.create({ name: 'North', slug: 'north', timezone: 'UTC' }).scope;
  const south = world.accounts.factories.create({ name: 'South', slug: 'south', timezone: 'UTC' }).scope;
  const add = (id: string) =>
    "insert into main.devices (factory_id, id, key, name, created_at) values (current_factory(), '".concat(
      id,
      "', 'k', 'k', 0)",
    );
  store.write(north, (sql) => sql.run(add('n')));
  store.write(south, (sql) => sql.run(add('s')));
  store.write(north, (sql) => sql.run("update main.devices set name = 'x' where factory_id = current_factory()"));
  assert.throws(() => store.write(north, (sql) => sql.run("delete from main.devices where id = 's'")), {
    code: 'not_found',
  });
  assert.deepEqual(
    told.map(({ rows }) => rows.map(({ id, factoryId }) => [id, factoryId])),
    [[['n', north.factoryId]], [['s', south.factoryId]], [['n', north.factoryId]]],
  );
  store.close();
  openDatabase(world.file).close();
});
