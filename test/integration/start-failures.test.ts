import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { runCommand, spawnAppliance, startAppliance, temporaryDirectory } from '../support/appliance.ts';

const serve = (dataDir: string, ...args: string[]) =>
  runCommand(['serve', '--data-dir', dataDir, '--http-port', '0', '--mqtt-port', '0', ...args]);

/** A failure is one line for a person, and nothing on stdout. */
function assertFailure(
  result: { code: number | null; stdout: string; stderr: string },
  code: number,
  says: RegExp,
): void {
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stdout, '');
  const lines = result.stderr.split('\n').filter((line) => line !== '');
  assert.equal(lines.length, 1, result.stderr);
  assert.match(lines[0] ?? '', says);
}

test('a port that is taken is named, with the flag that chooses another', async () => {
  using directory = temporaryDirectory();
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = String(typeof address === 'object' ? address?.port : 0);
  try {
    assertFailure(await serve(directory.path, '--mqtt-port', port), 4, new RegExp(`${port}.*--mqtt-port`));
    assertFailure(await serve(directory.path, '--http-port', port), 4, new RegExp(`${port}.*--http-port`));
  } finally {
    blocker.close();
  }
});

test('a data directory in use is refused, with the process that holds it', async () => {
  using directory = temporaryDirectory();
  const { child, exited } = await spawnAppliance(['--data-dir', directory.path]);
  try {
    assertFailure(await serve(directory.path), 3, new RegExp(`in use by process ${child.pid}.*--data-dir`));
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
});

test('a data directory is free again after a kill -9', async () => {
  using directory = temporaryDirectory();
  const first = await spawnAppliance(['--data-dir', directory.path]);
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await spawnAppliance(['--data-dir', directory.path]);
  second.child.kill('SIGTERM');
  const [code] = (await second.exited) as [number | null];
  assert.equal(code, 0);
});

for (const database of ['control.db', 'hot.db']) {
  test(`a ${database} of a newer version is refused and not touched`, async () => {
    using directory = temporaryDirectory();
    {
      await using _running = await startAppliance({ dataDir: directory.path });
    }
    const db = new Database(join(directory.path, database));
    db.prepare("insert into schema_migrations values (9999, '9999-future.sql', 'x', 0)").run();
    db.close();
    assertFailure(await serve(directory.path), 5, /newer version.*9999-future\.sql/);
  });
}

test('a data directory without write permission is refused with the remedy', async () => {
  using directory = temporaryDirectory();
  const closed = join(directory.path, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o555);
  chmodSync(directory.path, 0o755);
  const args = ['serve', '--data-dir', closed, '--http-port', '0', '--mqtt-port', '0'];
  // Root may write everywhere, so the command runs as nobody.
  const isRoot = process.getuid?.() === 0;
  const main = join(import.meta.dirname, '../../src/start.mjs');
  const result = spawnSync(process.execPath, [main, ...args], isRoot ? { uid: 65_534, gid: 65_534, cwd: '/' } : {});
  const { status, stdout, stderr } = result;
  assertFailure({ code: status, stdout: stdout.toString(), stderr: stderr.toString() }, 6, /cannot write.*--data-dir/);
});

test('a data directory that is a file is refused', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  assertFailure(await serve(file), 6, /cannot write the data directory/);
});

test('a wrong configuration names every fault at once', async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'config.json');
  writeFileSync(file, JSON.stringify({ http: { max_streams: 'x' }, nonsense: 1, mqtt: { anonymous: 'sometimes' } }));
  assertFailure(await serve(directory.path, '--config', file), 2, /http\.max_streams.*mqtt\.anonymous.*nonsense/);
});

test('an unknown option or command says how to get help', async () => {
  for (const args of [['serve', '--no-such-flag'], ['no-such-command']]) {
    const result = await runCommand(args);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /unknown (option|command).*/);
    assert.match(result.stderr, /--help/);
  }
});

test('setup makes the owner and the first factory once, and seed and demo leave them alone', async () => {
  using directory = temporaryDirectory();
  const setup = ['setup', '--data-dir', directory.path, '--email', 'owner@example.com', '--password-stdin'];
  const factory = ['--factory-name', 'Mine', '--factory-slug', 'mine'];
  assert.equal((await runCommand([...setup, ...factory], 'a long password\n')).code, 0);
  assertFailure(await runCommand([...setup, ...factory], 'a long password\n'), 7, /set up already/);
  for (const command of ['seed', 'demo']) {
    assertFailure(await runCommand([command, '--data-dir', directory.path]), 7, /choose another with --data-dir/);
  }
});

test('seed is safe to repeat', async () => {
  using directory = temporaryDirectory();
  const seeded = await runCommand(['seed', '--data-dir', directory.path]);
  assert.match(seeded.stdout, /seeded: /);
  assert.match(seeded.stderr, /password .* is public/);
  assert.match((await runCommand(['seed', '--data-dir', directory.path])).stdout, /nothing was changed/);
});
