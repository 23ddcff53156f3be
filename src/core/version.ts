import { readFileSync } from 'node:fs';
import { assetPath } from './assets.ts';

/** The product's version, from `package.json`. */
export function productVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(assetPath('package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  return 'unknown';
}
