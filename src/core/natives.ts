import { isPackaged } from './assets.ts';
import { AppError } from './errors.ts';
import { runtimeFile } from './runtime.ts';

const loaded = new Map<string, object>();

/**
 * Loads a native library of the executable, once in each thread. Null in a checkout, where the packages find their own.
 * The one place that loads natives.
 *
 * @param name - file name, such as `better_sqlite3.node`
 * @throws {AppError} `data_dir_unusable` when the system cannot load it
 */
export function loadNative(name: string): object | null {
  if (!isPackaged) return null;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const module = { exports: {} };
  try {
    // What it depends on (libduckdb.so) lies beside it, and is found there.
    process.dlopen(module, runtimeFile(name));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('data_dir_unusable', `cannot load a library (${reason}): ${remedyFor(reason)}`, {
      cause: error,
    });
  }
  loaded.set(name, module.exports);
  return module.exports;
}

/** glibc's words when a file system is mounted noexec. */
const remedyFor = (reason: string): string =>
  reason.includes('failed to map segment')
    ? 'if its file system forbids programs (noexec), move runtime/ from the data directory to beside the executable'
    : 'run doctor, which replaces what is damaged';
