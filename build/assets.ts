import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Files, and folders with all that is in them, which the program reads by `readAsset` and `assetFolder`. */
const ASSETS = [
  'package.json',
  'migrations',
  'dist/ui',
  'src/simulator/recording',
  'node_modules/swagger-ui-dist/swagger-ui.css',
  'node_modules/swagger-ui-dist/swagger-ui-bundle.js',
  'node_modules/swagger-ui-dist/favicon-32x32.png',
  'node_modules/redoc/bundles/redoc.standalone.js',
];

/** Third-party packages among them. */
export const ASSET_PACKAGES: readonly string[] = ['node_modules/swagger-ui-dist', 'node_modules/redoc'];

/** Third-party data among them, which is no package: its README says where it is from. */
export const ASSET_DATA = {
  directory: join(ROOT, 'src/simulator/recording'),
  manifest: { name: 'numenta-anomaly-benchmark', version: 'ea702d7', license: 'MIT' },
  purl: 'pkg:github/numenta/NAB@ea702d7',
} as const;

/** Every asset of the executable: its name, which is its path in the checkout, and where it lies. */
export function assetFiles(): Record<string, string> {
  const paths = ASSETS.flatMap((path) => {
    if (/\.[a-z]+$/.test(path)) return [path];
    return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
      .map((file) => file.replaceAll('\\', '/'))
      .sort();
  });
  return Object.fromEntries(paths.map((path) => [path, join(ROOT, path)]));
}
