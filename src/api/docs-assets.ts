import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type RawReply, rawReply } from './route.ts';

/**
 * The files of Swagger UI and ReDoc that the documentation pages load, by the name in their address. The only module
 * that knows where they are, so that a packaged build can hold them elsewhere.
 */
const ASSETS: Readonly<Record<string, readonly [specifier: string, mediaType: string]>> = {
  'swagger-ui.css': ['swagger-ui-dist/swagger-ui.css', 'text/css; charset=utf-8'],
  'swagger-ui-bundle.js': ['swagger-ui-dist/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  'favicon-32x32.png': ['swagger-ui-dist/favicon-32x32.png', 'image/png'],
  'redoc.standalone.js': ['redoc/bundles/redoc.standalone.js', 'text/javascript; charset=utf-8'],
};

const { resolve } = createRequire(import.meta.url);

/** The one picture that ReDoc would fetch from another host. It does without when this cannot be loaded. */
const FOREIGN_PICTURE = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** The asset of that name, or undefined when there is none. Read anew each time: the system caches files. */
export async function readDocsAsset(name: string): Promise<RawReply | undefined> {
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (asset === undefined) return undefined;
  const [specifier, mediaType] = asset;
  const content = await readFile(resolve(specifier));
  if (name !== 'redoc.standalone.js') return rawReply(mediaType, content);
  return rawReply(mediaType, content.toString().replaceAll(FOREIGN_PICTURE, 'data:,'));
}
