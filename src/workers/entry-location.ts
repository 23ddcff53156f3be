import { pathToFileURL } from 'node:url';
import { isPackaged } from '../core/assets.ts';
import { runtimeFile } from '../core/runtime.ts';

/** Where the code of every thread is. The one place that knows. */
export const threadEntry = (): URL =>
  isPackaged ? pathToFileURL(runtimeFile('entry.cjs')) : new URL('./entry.ts', import.meta.url);
