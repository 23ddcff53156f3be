import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { signIn, temporaryDirectory } from '../support/appliance.ts';
import { asNobody, copyExecutable, isRoot, NOBODY, run, type Stick, start } from '../support/executable.ts';

const seed = (stick: Stick) => run(stick.program, ['seed', '--data-dir', stick.dataDir]);

/** Where the libraries of the executable were unpacked: the only directory below `runtime`. */
function unpacked(stick: Stick): string {
  const root = join(stick.dataDir, 'runtime');
  const names = readdirSync(root);
  assert.equal(names.length, 1, names.join(', '));
  return join(root, names[0] ?? '');
}

test('of two starts at the same moment on an empty data directory one runs, the other says who holds it', async () => {
  using stick = copyExecutable();
  const both = await Promise.allSettled([
    start(stick.program, ['serve', '--data-dir', stick.dataDir]),
    start(stick.program, ['serve', '--data-dir', stick.dataDir]),
  ]);
  const [winner, ...others] = both.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  assert.ok(winner !== undefined && others.length === 0, 'exactly one runs');
  await using running = winner;
  const refused = both.find((it) => it.status === 'rejected');
  assert.match(String(refused?.reason), /ended with 3 .*in use by (process \d+|another process)/);
  assert.equal((await fetch(`${running.ready.http}/healthz`)).status, 200);
  assert.equal(readdirSync(unpacked(stick)).length, 5);
});

test('a kill at any moment of the first extraction leaves nothing that a later start stumbles over', {
  timeout: 120_000,
}, async () => {
  using stick = copyExecutable();
  for (let afterMs = 60; afterMs <= 600; afterMs += 60) {
    const child = spawn(stick.program, ['seed', '--data-dir', stick.dataDir], { env: {}, stdio: 'ignore' });
    const exited = once(child, 'exit');
    setTimeout(() => child.kill('SIGKILL'), afterMs);
    await exited;
  }
  await using running = await start(stick.program, ['serve', '--data-dir', stick.dataDir]);
  assert.equal((await fetch(`${running.ready.http}/readyz`)).status, 200);
  const doctor = await run(stick.program, ['doctor', '--json', '--data-dir', stick.dataDir]);
  assert.match(doctor.stdout, /work in a thread/);
  unpacked(stick);
});

test('a library that was cut short is replaced by the next start; one with a changed byte by doctor', async () => {
  using stick = copyExecutable();
  assert.equal((await seed(stick)).code, 0);
  const library = join(unpacked(stick), 'better_sqlite3.node');
  const original = readFileSync(library);
  truncateSync(library, 1_000);
  assert.equal((await seed(stick)).code, 0);
  assert.ok(readFileSync(library).equals(original));

  const changed = Buffer.from(original);
  changed.writeUInt8(changed.readUInt8(500_000) ^ 0xff, 500_000);
  const { mode } = statSync(library);
  writeFileSync(library, changed, { mode });
  const first = await run(stick.program, ['doctor', '--json', '--data-dir', stick.dataDir]);
  assert.match(first.stdout, /damaged: better_sqlite3\.node in .*; replaced/);
  assert.ok(readFileSync(library).equals(original));
  const second = await run(stick.program, ['doctor', '--json', '--data-dir', stick.dataDir]);
  assert.doesNotMatch(second.stdout, /damaged/);
  assert.equal(readdirSync(join(stick.dataDir, 'runtime')).length, 1, 'nothing is left beside it');
});

test('libraries that were installed beside the executable are used, and nothing is unpacked', async () => {
  using stick = copyExecutable();
  assert.equal((await seed(stick)).code, 0);
  cpSync(join(stick.dataDir, 'runtime'), join(stick.directory, 'runtime'), { recursive: true });
  const dataDir = join(stick.directory, 'other');
  assert.equal((await run(stick.program, ['seed', '--data-dir', dataDir])).code, 0);
  assert.ok(!existsSync(join(dataDir, 'runtime')));
  const doctor = await run(stick.program, ['doctor', '--json', '--data-dir', dataDir]);
  assert.match(doctor.stdout, new RegExp(`work in a thread \\(from ${stick.directory}/runtime/`));
});

test('what other builds have left is removed by the one that holds the data directory', async () => {
  using stick = copyExecutable();
  const old = join(stick.dataDir, 'runtime', '0123456789abcdef');
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, 'libduckdb.so'), 'old');
  assert.equal((await seed(stick)).code, 0);
  assert.ok(!existsSync(old));
});

const ONLY_ROOT = { skip: !isRoot && 'only root can act as two users' };

test('libraries beside the executable are not used where another user can have put them', ONLY_ROOT, async () => {
  using stick = copyExecutable();
  assert.equal((await seed(stick)).code, 0);
  const beside = join(stick.directory, 'runtime');
  cpSync(join(stick.dataDir, 'runtime'), beside, { recursive: true });
  const seedElsewhere = async (name: string) => {
    const dataDir = join(stick.directory, name);
    assert.equal((await run(stick.program, ['seed', '--data-dir', dataDir])).code, 0);
    return existsSync(join(dataDir, 'runtime'));
  };
  assert.equal(await seedElsewhere('trusted'), false);
  chmodSync(beside, 0o777);
  assert.equal(await seedElsewhere('open'), true);
  chmodSync(beside, 0o755);
  chownSync(beside, NOBODY, NOBODY);
  assert.equal(await seedElsewhere('foreign'), true);
});

test('an executable that lies where the service may not look, and what root has left in runtime, stop nobody', {
  ...ONLY_ROOT,
}, async () => {
  using stick = copyExecutable();
  using place = temporaryDirectory();
  chmodSync(place.path, 0o755);
  const [dataDir, left] = [join(place.path, 'data'), join(place.path, 'data', 'runtime', '0123456789abcdef')];
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'libduckdb.so'), 'old');
  for (const path of [dataDir, join(dataDir, 'runtime')]) chownSync(path, NOBODY, NOBODY);
  const asService = await run(stick.program, ['seed', '--data-dir', dataDir], { ...asNobody, cwd: '/' });
  assert.equal(asService.code, 0, asService.stderr);
  chmodSync(stick.directory, 0o700);
  const doctor = await run(stick.program, ['doctor', '--data-dir', dataDir, '--http-port', '0', '--mqtt-port', '0']);
  assert.equal(doctor.code, 0, doctor.stdout);
  assert.equal(statSync(join(dataDir, 'control.db')).uid, NOBODY);
});

test('a package.json above the data directory, which says that scripts are modules, changes nothing', async () => {
  using stick = copyExecutable();
  writeFileSync(join(stick.directory, 'package.json'), '{"type":"module"}');
  assert.equal((await seed(stick)).code, 0);
  const doctor = await run(stick.program, ['doctor', '--json', '--data-dir', stick.dataDir]);
  assert.match(doctor.stdout, /work in a thread/);
});

test('the working directory may be gone', async () => {
  using stick = copyExecutable();
  using place = temporaryDirectory();
  const script = 'rmdir "$PWD" && exec "$0" "$@"';
  const cwd = join(place.path, 'gone');
  mkdirSync(cwd);
  const through = ['/bin/sh', '-c', script];
  await using running = await start(stick.program, ['demo', '--data-dir', stick.dataDir], { cwd, through });
  assert.ok(!existsSync(cwd));
  // Threads that answer questions start when there is one: now.
  const person = await signIn(running.ready.http);
  const [press] = (await person.get('/devices?key=press-01')).items;
  const history = await person.get(`/devices/${press.id}/kpis/history?parameters=temperature`);
  assert.equal(history.series.length, 1);
  assert.equal(readlinkSync(`/proc/${running.ready.pid}/cwd`), '/');
});
