import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { isPackaged, readAsset } from './assets.ts';
import { AppError, systemCode } from './errors.ts';

/**
 * Native libraries and thread code: what the operating system loads from real files alone. The executable carries them
 * compressed. They are used from `runtime/<hash>/` beside the executable when they were installed there, else from
 * `<data-dir>/runtime/<hash>/`, where the first start puts them. The hash is that of their list, so that each build has
 * a directory of its own and nothing is ever overwritten. A checkout needs none of this.
 */

/** One line of `runtime/manifest.json`, as `build/runtime-files.ts` writes it. */
interface RuntimeFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Its compressed form is a row of frames that stand each by itself: their sizes (bytes). */
  readonly frames: readonly number[];
}

const RUNTIME_MANIFEST = 'runtime/manifest.json';
/** How the name of an unfinished extraction begins; the process id of whoever works on it follows. */
const UNFINISHED = '.unpack-';
/** One that is older than this has nobody who works on it, though its process id may be somebody's again (ms). */
const ABANDONED_MS = 3_600_000;

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

let directory: string | undefined;

/** Path of a runtime file, once `provideRuntime` or `useRuntime` has said where they are. Only in the executable. */
export function runtimeFile(name: string): string {
  if (directory === undefined) throw new AppError('internal', `the runtime files were not provided before ${name}`);
  return join(directory, name);
}

/** Says where the runtime files are: threads are told by where their own code lies. */
export function useRuntime(where: string): void {
  directory = where;
}

function readManifest(): { readonly files: readonly RuntimeFile[]; readonly hash: string } {
  const manifest = readAsset(RUNTIME_MANIFEST);
  return { files: JSON.parse(manifest.toString()) as RuntimeFile[], hash: sha256(manifest).slice(0, 16) };
}

/** What this user may not look at is not there for it: the executable may lie in a directory that is closed to it. */
const isWhole = (where: string, files: readonly RuntimeFile[]): boolean =>
  files.every(({ name, sizeBytes }) => {
    try {
      return statSync(join(where, name)).size === sizeBytes;
    } catch {
      return false;
    }
  });

/**
 * Whether only root, this user and whoever owns the executable can have put something into a directory. Where everybody
 * may write, as in `/tmp`, anybody can make a `runtime/` beside somebody else's executable.
 */
function isTrusted(where: string): boolean {
  if (process.platform === 'win32') return true;
  const trusted = [0, process.getuid?.(), statSync(process.execPath, { throwIfNoEntry: false })?.uid];
  return [dirname(where), where].every((path) => {
    const { uid, mode } = statSync(path);
    return trusted.includes(uid) && (mode & 0o022) === 0;
  });
}

/** Names of the files whose content is not what was built. Reads all of them. */
const damagedFiles = (where: string, files: readonly RuntimeFile[]): string[] =>
  files
    .filter(({ name, sha256: expected }) => {
      try {
        return sha256(readFileSync(join(where, name))) !== expected;
      } catch {
        return true;
      }
    })
    .map(({ name }) => name);

/** Unpacks a file durably, frame by frame: the largest has 70 MB, which the process would keep for long. */
function unpack({ name, sha256: expected, frames }: RuntimeFile, path: string): void {
  const packed = readAsset(`runtime/${name}.zst`);
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'w', 0o500);
  try {
    let at = 0;
    for (const size of frames) {
      const content = zstdDecompressSync(packed.subarray(at, at + size));
      at += size;
      hash.update(content);
      writeFileSync(descriptor, content);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  if (hash.digest('hex') !== expected) {
    throw new AppError('internal', `this executable is damaged (${name}): copy it here again`);
  }
}

/** Directories cannot be opened on Windows, where a rename is durable without. */
function syncDirectory(where: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(where, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Another process of that number, that is: in a container each start may have the same. */
function isAnotherRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

/** Whether it is an extraction that was broken off: a service that is killed at each start must not fill the disk. */
function isAbandoned(path: string): boolean {
  const name = basename(path);
  if (!name.startsWith(UNFINISHED)) return false;
  const ageMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return ageMs > ABANDONED_MS || !isAnotherRunning(Number.parseInt(name.slice(UNFINISHED.length), 10));
}

/** A library that is in use cannot be removed on Windows, nor what root has left: a later start may. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It takes room and is in nobody's way.
  }
}

/** Puts the files in place by one rename, so that a power cut leaves all of them or none. */
function extract(root: string, target: string, files: readonly RuntimeFile[]): void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(root)) if (isAbandoned(join(root, name))) removeIfPossible(join(root, name));
  const fresh = mkdtempSync(join(root, `${UNFINISHED}${process.pid}-`));
  try {
    for (const file of files) unpack(file, join(fresh, file.name));
    syncDirectory(fresh);
    putInPlace(fresh, target, files);
    syncDirectory(root);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function putInPlace(fresh: string, target: string, files: readonly RuntimeFile[]): void {
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    // Another start was faster, and what it put there is good; or something damaged is in the way.
    if (isWhole(target, files) && damagedFiles(target, files).length === 0) return;
    const aside = `${fresh}.damaged`;
    renameSync(target, aside);
    renameSync(fresh, target);
    removeIfPossible(aside);
  }
}

/** @throws {AppError} `data_dir_unusable` when there is no room or no right to write */
function extractOrExplain(root: string, target: string, files: readonly RuntimeFile[]): void {
  try {
    extract(root, target, files);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = systemCode(error);
    const megabytes = Math.ceil(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6);
    const remedy = code === 'ENOSPC' ? `free ${megabytes} MB` : 'give this user the right to write it';
    throw new AppError('data_dir_unusable', `cannot unpack the program's libraries into ${root} (${code}): ${remedy}`, {
      cause: error,
    });
  }
}

/** Extracts the runtime files of this build; the command `unpack`. @throws {AppError} as `provideRuntime` */
export function unpackRuntime(root: string): void {
  const { files, hash } = readManifest();
  extractOrExplain(root, join(root, hash), files);
}

/**
 * In a process of its own: this one would keep the memory that it takes, some 90 MB, for as long as it runs. Where that
 * cannot be started, as in a service that may start nothing, it does so.
 */
function extractInChild(root: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['unpack', root], { stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return;
  const [, reason] = /^factoryops: (.*)/.exec(stderr?.toString() ?? '') ?? [];
  if (reason === undefined) return unpackRuntime(root);
  throw new AppError('data_dir_unusable', reason);
}

/**
 * Makes the runtime files available, extracting them when they are nowhere whole. Later starts only compare sizes.
 *
 * @param root - `<data-dir>/runtime`
 * @throws {AppError} `data_dir_unusable` when there is no room or no right to write
 */
export function provideRuntime(root: string): void {
  if (!isPackaged || directory !== undefined) return;
  const { files, hash } = readManifest();
  const beside = join(dirname(process.execPath), 'runtime', hash);
  const own = join(root, hash);
  if (isWhole(beside, files) && isTrusted(beside)) {
    directory = beside;
    return;
  }
  if (!isWhole(own, files)) extractInChild(root);
  directory = own;
}

/** What was found of the runtime files, every byte read. */
export interface RuntimeCheck {
  readonly directory: string;
  readonly damaged: readonly string[];
}

/** Reads every runtime file and compares it with what was built; null in a checkout. */
export function checkRuntime(): RuntimeCheck | null {
  if (!isPackaged || directory === undefined) return null;
  return { directory, damaged: damagedFiles(directory, readManifest().files) };
}

/**
 * Removes what other builds and broken-off extractions have left. Only for whoever holds the data directory: nobody
 * else runs on it then, but a start that is about to be refused may be extracting.
 */
export function removeOldRuntimes(root: string): void {
  if (!isPackaged || !existsSync(root)) return;
  const { hash } = readManifest();
  for (const name of readdirSync(root)) {
    const path = join(root, name);
    if (name !== hash && (isAbandoned(path) || !name.startsWith(UNFINISHED))) removeIfPossible(path);
  }
}
