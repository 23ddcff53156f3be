import type { Context } from 'koa';
import * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { readDocsAsset } from './docs-assets.ts';
import { type Route, rawReply, route } from './route.ts';

const page = (title: string, head: string, scripts: readonly string[]) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
${head}</head>
<body>
<div id="docs"></div>
${scripts.map((name) => `<script src="/api/docs/${name}"></script>`).join('\n')}
</body>
</html>
`;

const SWAGGER_PAGE = page('FactoryOps API', '<link rel="stylesheet" href="/api/docs/swagger-ui.css">\n', [
  'swagger-ui-bundle.js',
  'swagger-start.js',
]);
const REDOC_PAGE = page('FactoryOps API reference', '', ['redoc.standalone.js', 'redoc-start.js']);

/** Served as files of their own: the content security policy allows no inline script. */
const START_SCRIPTS: Readonly<Record<string, string>> = {
  'swagger-start.js': `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
`,
  'redoc-start.js': `Redoc.init('/api/openapi.json', { expandResponses: '200,201' }, document.getElementById('docs'));
`,
};

/**
 * What the two pages need beyond `default-src 'self'`: both put styles into the page as they draw, Swagger UI's icons
 * are data URLs, and ReDoc searches in a worker that it makes out of a blob. Scripts stay files of ours alone.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  'worker-src blob:',
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HIDDEN = { method: 'get', access: 'public', tag: 'Documentation', outsideBase: true, isHidden: true } as const;

const asPage = (ctx: Context, html: string) => {
  ctx.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  return rawReply('text/html; charset=utf-8', html);
};

/**
 * `/api/openapi.json`, and Swagger UI and ReDoc on top of it, all served from inside. The document is made when it is
 * first asked for: most starts never need it.
 */
export function docsRoutes(makeDocument: () => Record<string, unknown>): Route[] {
  let json: string | undefined;
  return [
    route({
      ...HIDDEN,
      path: '/api/openapi.json',
      summary: 'OpenAPI 3.1 description',
      reply: 'text',
      handle: () => {
        json ??= JSON.stringify(makeDocument());
        return rawReply('application/json; charset=utf-8', json);
      },
    }),
    route({
      ...HIDDEN,
      path: '/api/docs',
      summary: 'Swagger UI',
      reply: 'text',
      handle: ({ ctx }) => asPage(ctx, SWAGGER_PAGE),
    }),
    route({
      ...HIDDEN,
      path: '/api/redoc',
      summary: 'ReDoc',
      reply: 'text',
      handle: ({ ctx }) => asPage(ctx, REDOC_PAGE),
    }),
    route({
      ...HIDDEN,
      path: '/api/docs/:file',
      summary: 'Files of the documentation pages',
      params: z.object({ file: z.string() }),
      reply: 'text',
      handle: ({ params, ctx }) => {
        const script = Object.hasOwn(START_SCRIPTS, params.file) ? START_SCRIPTS[params.file] : undefined;
        const asset =
          script === undefined ? readDocsAsset(params.file) : rawReply('text/javascript; charset=utf-8', script);
        if (asset === undefined) throw new AppError('not_found', 'not found');
        ctx.set('Cache-Control', 'public, max-age=3600');
        return asset;
      },
    }),
  ];
}
