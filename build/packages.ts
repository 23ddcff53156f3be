import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'packages');

/** What the lock file says of an installed or installable package. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of its archive: `sha512-…`. */
  readonly integrity: string;
}

/**
 * The package that is installed at the top or, with a version, wherever that version is.
 *
 * @throws {Error} when the lock file does not know it
 */
export function lockedPackage(name: string, version?: string): LockedPackage {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity?: string }>;
  };
  const installed = `node_modules/${name}`;
  const entry =
    version === undefined
      ? lock.packages[installed]
      : Object.entries(lock.packages).find(([path, it]) => path.endsWith(installed) && it.version === version)?.[1];
  if (entry?.integrity === undefined) throw new Error(`package-lock.json has no ${name}: run "npm install"`);
  return { name, version: entry.version, integrity: entry.integrity };
}

function isIntact(archive: string, { integrity }: LockedPackage): boolean {
  const algorithm = integrity.slice(0, integrity.indexOf('-'));
  return `${algorithm}-${createHash(algorithm).update(readFileSync(archive)).digest('base64')}` === integrity;
}

/**
 * Unpacks a package from its archive, whose hash must be that of the lock file, and returns the directory. What lies
 * unpacked in `node_modules` is not used: it may be of another platform, and may have been changed since.
 *
 * @throws {Error} when the archive cannot be had, or is not the one that the lock file names
 */
export function verifiedPackage(name: string): string {
  const locked = lockedPackage(name);
  const stem = `${name.replace('@', '').replace('/', '-')}-${locked.version}`;
  const archive = join(CACHE, `${stem}.tgz`);
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(archive) || !isIntact(archive, locked)) {
    const args = ['pack', `${name}@${locked.version}`, '--pack-destination', CACHE, '--prefer-offline', '--silent'];
    execFileSync('npm', args, { cwd: CACHE, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  if (!isIntact(archive, locked)) {
    rmSync(archive);
    throw new Error(`${name}@${locked.version} is not what package-lock.json names: its archive has another hash`);
  }
  const directory = join(CACHE, stem);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  execFileSync('tar', ['-xzf', archive, '-C', directory, '--strip-components=1']);
  return directory;
}

/** Directories of the packages, relative to the checkout, that something of was bundled. */
export function bundledPackages({ inputs }: Pick<Metafile, 'inputs'>): string[] {
  const directories = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(directories)].sort();
}
