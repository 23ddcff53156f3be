import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyExecutable, isRoot, NOBODY, run, start } from '../support/executable.ts';

const VISITOR = join(import.meta.dirname, 'visitor.ts');
const has = (command: string) => spawnSync('which', [command]).status === 0;

/** In a network of its own that has nothing but loopback, as nobody, traced. */
const APART = ['/usr/bin/unshare', '--net', '/bin/sh', '-c'];

/** Paths that a traced process has opened for writing, made, or moved something to. */
function writtenPaths(trace: string): string[] {
  const lines = trace.split('\n').filter((line) => !/ = -1 /.test(line));
  return lines.flatMap((line) => {
    const opened = /openat\([^,]+, "([^"]+)", [^)]*O_(?:WRONLY|RDWR|CREAT)/.exec(line);
    const made = /(?:mkdir|rename|link|symlink|unlink|rmdir)\w*\([^"]*"([^"]+)"/.exec(line);
    return opened?.[1] ?? made?.[1] ?? [];
  });
}

test('alone in a directory, as nobody, without environment and network, the demo does all that it does in a checkout', {
  skip: (!isRoot && 'only root can make a network') || (!has('strace') && 'strace is not installed'),
  timeout: 120_000,
}, async () => {
  using stick = copyExecutable();
  mkdirSync(stick.dataDir);
  chownSync(stick.dataDir, NOBODY, NOBODY);
  const trace = join(stick.dataDir, 'trace');
  const script = [
    '/usr/sbin/ip link set lo up || /sbin/ip link set lo up',
    `exec /usr/bin/setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups /usr/bin/strace --follow-forks --quiet=all --seccomp-bpf --output "${trace}" --trace connect,openat,mkdir,rename,link,symlink,unlink,rmdir "$0" "$@"`,
  ].join('\n');
  await using demo = await start(stick.program, ['demo', '--data-dir', stick.dataDir], {
    through: [...APART, script],
    cwd: '/',
  });
  const { pid, http, mqtt } = demo.ready;
  const visit = await run('/usr/bin/nsenter', [
    '--target',
    String(pid),
    '--net',
    process.execPath,
    VISITOR,
    http,
    mqtt,
  ]);
  assert.equal(visit.code, 0, visit.stderr + demo.log());
  const seen = JSON.parse(visit.stdout);
  assert.equal(seen.live_voltage, 231.4);
  assert.ok(seen.history_points >= 20 && seen.streamed_values > 0, visit.stdout);
  for (const [status, bytes] of [seen.script, seen.swagger, seen.redoc]) assert.ok(status === 200 && bytes > 5_000);
  assert.equal(seen.metrics, 200);
  const doctor = await run('/usr/bin/nsenter', [
    ...['--target', String(pid), '--net', '--setuid', String(NOBODY), '--setgid', String(NOBODY)],
    ...[stick.program, 'doctor', '--json', '--data-dir', stick.dataDir, '--http-port', new URL(http).port],
  ]);
  const { ok, findings } = JSON.parse(doctor.stdout);
  assert.ok(ok, doctor.stdout);
  const messages = findings.map(({ message }: { message: string }) => message).join('\n');
  assert.match(messages, /SQLite [\d.]+ and DuckDB v[\d.]+ work in a thread/);
  assert.match(messages, /running as process/);
  assert.match(messages, /admin@vpc\.com is public/);
  process.kill(pid, 'SIGTERM');
  await demo.end('SIGCONT');

  const traced = readFileSync(trace, 'utf8');
  const connects = traced.split('\n').filter((line) => /connect\(.*AF_INET/.test(line));
  assert.ok(connects.length > 0, 'the simulator connects to the broker: the trace must show it');
  for (const line of connects) assert.match(line, /127\.0\.0\.1|::1/, line);
  const elsewhere = writtenPaths(traced).filter((path) => !path.startsWith(stick.dataDir) && !path.startsWith('/dev/'));
  assert.deepEqual(elsewhere, [], 'everything written stays under the data directory');
  assert.deepEqual(readdirSync(stick.directory).toSorted(), ['data', 'factoryops']);
});
