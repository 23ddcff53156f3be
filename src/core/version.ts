import { isPackaged, readAsset } from './assets.ts';

/** What this program is. */
export interface BuildInfo {
  readonly version: string;
  /** The commit it was built from; null in a checkout, which may be anything, or where the sources had no history. */
  readonly commit: string | null;
  /** When that commit was made (epoch ms): no clock that is right can be earlier. Null with it. */
  readonly builtAt: number | null;
}

/** Written by `build/executable.ts`. */
const BUILD_ASSET = 'build.json';

/** The product's version, from `package.json`. */
export function productVersion(): string {
  const manifest: unknown = JSON.parse(readAsset('package.json').toString());
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  return 'unknown';
}

/** Version, commit and time of what is running. */
export function buildInfo(): BuildInfo {
  const built = { commit: null, builtAt: null };
  return { ...built, ...(isPackaged && JSON.parse(readAsset(BUILD_ASSET).toString())), version: productVersion() };
}
