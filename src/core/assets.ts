import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getAssetKeys, getRawAsset, isSea } from 'node:sea';

/** True in the executable, false in a checkout. */
export const isPackaged: boolean = isSea();

/** The directory that holds `src/`, `migrations/` and the other files the program reads at run time. */
const ROOT = resolve(import.meta.dirname, '../..');

/**
 * A file that ships with the program, by its path in a checkout (`migrations/control/0001-foundation.sql`). In the
 * executable it is a view of the program's own memory: read it, never write to it. The one place that knows where these
 * files are; `build/assets.ts` says which ones the executable holds.
 *
 * @throws {Error} when there is no such file
 */
export function readAsset(path: string): Buffer {
  return isPackaged ? Buffer.from(getRawAsset(path)) : readFileSync(join(ROOT, path));
}

/** A folder of files that ship with the program, or one on disk that takes its place in a test. */
export interface AssetFolder {
  /** Names of the files directly in it; none when there is no such folder. */
  names(): string[];
  /** @throws {Error} when there is no such file */
  read(name: string): Buffer;
}

/** The folder of that path in a checkout. */
export function assetFolder(path: string): AssetFolder {
  if (!isPackaged) return diskFolder(join(ROOT, path));
  const prefix = `${path}/`;
  return {
    names: () =>
      getAssetKeys()
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
        .filter((name) => !name.includes('/')),
    read: (name) => readAsset(prefix + name),
  };
}

/** A directory on disk as such a folder. */
export function diskFolder(directory: string): AssetFolder {
  return {
    names: () => {
      try {
        return readdirSync(directory, { withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ name }) => name);
      } catch {
        return [];
      }
    },
    read: (name) => readFileSync(join(directory, name)),
  };
}
