import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../src/store/sqlite.ts';
import { asNobody, copyExecutable, type Ended, isRoot, run } from '../support/executable.ts';
import { NO_SMALL_DISK, smallDisk } from '../support/small-disk.ts';

/** One line for a person, nothing on stdout, and the exit code that the README lists. */
function assertFailure({ code, stdout, stderr }: Ended, expected: number, says: RegExp): void {
  assert.equal(code, expected, stderr);
  assert.equal(stdout, '');
  const lines = stderr.split('\n').filter((line) => line !== '');
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0] ?? '', says);
}

const FREE = ['--http-port', '0', '--mqtt-port', '0'];

test('a port that is taken', async () => {
  using stick = copyExecutable();
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  const port = String(typeof address === 'object' ? address?.port : 0);
  try {
    const args = ['serve', '--data-dir', stick.dataDir, '--mqtt-port', '0', '--http-port', port];
    assertFailure(await run(stick.program, args), 4, new RegExp(`${port}.*--http-port`));
  } finally {
    blocker.close();
  }
});

test('a data directory that may only be read', async () => {
  using stick = copyExecutable();
  mkdirSync(stick.dataDir);
  chmodSync(stick.dataDir, 0o555);
  // Owned by root, so that root does not act as its owner, and nobody may not write.
  const ended = await run(stick.program, ['serve', '--data-dir', stick.dataDir, ...FREE], { ...asNobody, cwd: '/' });
  assertFailure(ended, 6, /cannot write the data directory .*--data-dir/);
});

const disk = smallDisk(40);

test('a disk that is full at the start, already for the libraries', {
  skip: disk === undefined && NO_SMALL_DISK,
}, async () => {
  assert.ok(disk !== undefined);
  using small = disk;
  using stick = copyExecutable();
  const dataDir = join(small.path, 'data');
  const ended = await run(stick.program, ['serve', '--data-dir', dataDir, ...FREE]);
  assertFailure(ended, 6, /cannot unpack .*ENOSPC.*free \d+ MB/);
  assert.deepEqual(readdirSync(join(dataDir, 'runtime')), [], 'half an extraction is not left to fill the disk');
});

const tiny = smallDisk(2);

test('a disk that becomes full anywhere in the first start', {
  skip: tiny === undefined && NO_SMALL_DISK,
}, async () => {
  assert.ok(tiny !== undefined);
  using small = tiny;
  using stick = copyExecutable();
  assert.equal((await run(stick.program, ['seed', '--data-dir', stick.dataDir])).code, 0);
  cpSync(join(stick.dataDir, 'runtime'), join(stick.directory, 'runtime'), { recursive: true });
  for (const freeKib of [0, 8, 20, 48, 120, 220, 280]) {
    const dataDir = join(small.path, 'data');
    const ballast = join(small.path, 'ballast');
    mkdirSync(dataDir);
    writeFileSync(ballast, Buffer.alloc((2_048 - freeKib) * 1_024));
    const ended = await run(stick.program, ['seed', '--data-dir', dataDir]);
    assertFailure(ended, 6, /free some space|the free space|see whether it is full/);
    rmSync(dataDir, { recursive: true });
    rmSync(ballast);
  }
});

const noexec = smallDisk(200, 'noexec');

test('a data directory where no program may run', { skip: noexec === undefined && NO_SMALL_DISK }, async () => {
  assert.ok(noexec !== undefined);
  using mounted = noexec;
  using stick = copyExecutable();
  const dataDir = join(mounted.path, 'data');
  assertFailure(
    await run(stick.program, ['serve', '--data-dir', dataDir, ...FREE]),
    6,
    /noexec.*beside the executable/,
  );
  cpSync(join(dataDir, 'runtime'), join(stick.directory, 'runtime'), { recursive: true });
  assert.equal((await run(stick.program, ['seed', '--data-dir', dataDir])).code, 0);
});

test('a data directory below one that is closed to this user', async () => {
  using stick = copyExecutable();
  mkdirSync(stick.dataDir, { recursive: true });
  chmodSync(stick.directory, 0o755);
  const closed = join(stick.directory, 'closed');
  mkdirSync(join(closed, 'data'), { recursive: true });
  chmodSync(closed, 0);
  const args = ['--data-dir', join(closed, 'data'), ...FREE];
  // Started from there too: a configuration file that nobody named is not looked for where one may not look.
  const within = { ...asNobody, cwd: isRoot ? closed : '/' };
  assertFailure(await run(stick.program, ['serve', ...args], within), 6, /cannot write .*--data-dir/);
  const doctor = await run(stick.program, ['doctor', ...args], within);
  assert.match(doctor.stdout, /ERROR +data directory: .*cannot be written \(EACCES\)/);
});

test('whoever reads may have had enough', async () => {
  using stick = copyExecutable();
  const { code, stderr } = await run('/bin/sh', [
    '-c',
    '{ "$0" version --licences; echo $? >&2; } | true',
    stick.program,
  ]);
  assert.deepEqual([code, stderr.trim()], [0, '0']);
});

test('a database of a newer version', async () => {
  using stick = copyExecutable();
  assert.equal((await run(stick.program, ['seed', '--data-dir', stick.dataDir])).code, 0);
  const db = openDatabase(join(stick.dataDir, 'control.db'));
  db.prepare("insert into schema_migrations values (9999, '9999-future.sql', 'x', 0)").run();
  db.close();
  const ended = await run(stick.program, ['serve', '--data-dir', stick.dataDir, ...FREE]);
  assertFailure(ended, 5, /newer version.*9999-future\.sql/);
  const doctor = await run(stick.program, ['doctor', '--data-dir', stick.dataDir, ...FREE]);
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /ERROR +databases: .*newer version/);
});

test('a damaged database is named by doctor, with what to do', async () => {
  using stick = copyExecutable();
  assert.equal((await run(stick.program, ['seed', '--data-dir', stick.dataDir])).code, 0);
  writeFileSync(join(stick.dataDir, 'control.db'), 'not a database, but long enough to be looked at'.repeat(200));
  const ended = await run(stick.program, ['serve', '--data-dir', stick.dataDir, ...FREE]);
  assertFailure(ended, 1, /damaged: run doctor/);
  const doctor = await run(stick.program, ['doctor', '--json', '--data-dir', stick.dataDir, ...FREE]);
  assert.equal(doctor.code, 1);
  const { ok, findings } = JSON.parse(doctor.stdout);
  assert.equal(ok, false);
  const finding = findings.find(
    ({ check, level }: { check: string; level: string }) => check === 'databases' && level === 'error',
  );
  assert.match(`${finding.message} ${finding.remedy}`, /control\.db.*backup/);
});
