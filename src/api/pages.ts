import type { Context, Middleware } from 'koa';
import type { AssetFolder } from '../core/assets.ts';
import { AppError } from '../core/errors.ts';

/** A file of the user interface, as `build/ui.ts` lists it in `manifest.json`. */
interface Page {
  readonly path: string;
  readonly file: string;
  readonly type: string;
  readonly etag: string;
}

/** Smallest first; the build made a file for each. */
const ENCODINGS = { br: '.br', gzip: '.gz', identity: '' } as const;

const NOT_BUILT = 'the user interface is not built: run "npm run build:ui", or use the API at /api/docs';

function readManifest(folder: AssetFolder): ReadonlyMap<string, Page> {
  if (!folder.names().includes('manifest.json')) return new Map();
  const pages = JSON.parse(folder.read('manifest.json').toString()) as Page[];
  return new Map(pages.map((page) => [page.path, page]));
}

/**
 * Serves the user interface out of what `build/ui.ts` made. Files under `/assets/` have their content's hash in their
 * name and are kept by browsers for ever; every other address that is not a file is a page of the application, which
 * `index.html` draws, and is asked for anew each time (304 when nothing changed). Contents are read once.
 */
export function servePages(folder: AssetFolder): Middleware {
  const pages = readManifest(folder);
  const contents = new Map<string, Buffer>();
  const contentOf = (file: string): Buffer => {
    const known = contents.get(file);
    if (known !== undefined) return known;
    const content = folder.read(file);
    contents.set(file, content);
    return content;
  };

  return async (ctx: Context) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new AppError('not_found', 'not found');
    if (pages.size === 0) throw new AppError('unavailable', NOT_BUILT);
    const isFile = /\.[a-z0-9]+$/.test(ctx.path);
    const page = pages.get(isFile ? ctx.path : '/index.html');
    if (page === undefined) throw new AppError('not_found', 'not found');
    const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity') || 'identity';
    const content = contentOf(page.file + ENCODINGS[encoding as keyof typeof ENCODINGS]);
    ctx.vary('Accept-Encoding');
    ctx.set('ETag', page.etag);
    ctx.set('Cache-Control', page.path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    if (encoding !== 'identity') ctx.set('Content-Encoding', encoding);
    ctx.type = page.type;
    ctx.body = content;
  };
}
