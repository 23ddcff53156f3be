import { isPackaged } from './assets.ts';
import { runtimeFile } from './runtime.ts';

const loaded = new Map<string, object>();

/**
 * Loads a native library of the executable, once in each thread. Null in a checkout, where the packages find their own.
 * The one place that loads natives.
 *
 * @param name - file name, such as `better_sqlite3.node`
 * @throws {Error} when the system cannot load it
 */
export function loadNative(name: string): object | null {
  if (!isPackaged) return null;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const module = { exports: {} };
  // What it depends on (libduckdb.so) lies beside it, and is found there.
  process.dlopen(module, runtimeFile(name));
  loaded.set(name, module.exports);
  return module.exports;
}
