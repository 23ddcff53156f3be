import { join, resolve } from 'node:path';

/** The directory that holds `src/`, `migrations/` and the other files the program reads at run time. */
const ROOT = resolve(import.meta.dirname, '../..');

/** The one place that knows where files that ship with the program are. */
export const assetPath = (...segments: string[]): string => join(ROOT, ...segments);
