import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few MB that everybody may write, where this user may make one; undefined where not. */
export function smallDisk(sizeMb: number, ...options: string[]): ({ readonly path: string } & Disposable) | undefined {
  const path = mkdtempSync(join(tmpdir(), 'factoryops-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', [`size=${sizeMb}m`, ...options].join(','), 'tmpfs', path]);
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  chmodSync(path, 0o777);
  return {
    path,
    [Symbol.dispose]: () => {
      spawnSync('umount', [path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Why a test that needs one is skipped. */
export const NO_SMALL_DISK = 'a small file system can only be mounted by root';
