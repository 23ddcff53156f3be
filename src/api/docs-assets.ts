import { readAsset } from '../core/assets.ts';
import { type RawReply, rawReply } from './route.ts';

/**
 * The files of Swagger UI and ReDoc that the documentation pages load, by the name in their address.
 */
const ASSETS: Readonly<Record<string, readonly [path: string, mediaType: string]>> = {
  'swagger-ui.css': ['node_modules/swagger-ui-dist/swagger-ui.css', 'text/css; charset=utf-8'],
  'swagger-ui-bundle.js': ['node_modules/swagger-ui-dist/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  'favicon-32x32.png': ['node_modules/swagger-ui-dist/favicon-32x32.png', 'image/png'],
  'redoc.standalone.js': ['node_modules/redoc/bundles/redoc.standalone.js', 'text/javascript; charset=utf-8'],
};

/** The one picture that ReDoc would fetch from another host. It does without when this cannot be loaded. */
const FOREIGN_PICTURE = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** The asset of that name, or undefined when there is none. Read anew each time: the system caches files. */
export function readDocsAsset(name: string): RawReply | undefined {
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (asset === undefined) return undefined;
  const [path, mediaType] = asset;
  const content = readAsset(path);
  if (name !== 'redoc.standalone.js') return rawReply(mediaType, content);
  return rawReply(mediaType, content.toString().replaceAll(FOREIGN_PICTURE, 'data:,'));
}
