import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyExecutable, run, type Stick, start } from '../support/executable.ts';

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
