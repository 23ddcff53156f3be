import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { bundledPackages } from './packages.ts';

/**
 * Builds the user interface: `ui/` -> `dist/ui/`. Every file carries the hash of its content in its name and lies there
 * as it is, as `.br` and as `.gz`, compressed once here as hard as it goes; `manifest.json` lists them for
 * `src/api/pages.ts`. With `--if-changed` it builds only when a source is newer than the last build.
 */

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'ui');
/** Where the rules are that the interface shares with the server. */
const SHARED = join(ROOT, 'src', 'core');
const TARGET = join(ROOT, 'dist', 'ui');
/** It is built here and then put in place, so that a failed build leaves the one before. */
const FRESH = `${TARGET}.${process.pid}`;
/** Browsers of 2024: what a tablet bought since then shows. */
const BROWSERS = ['chrome123', 'firefox125', 'safari17.5'];

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** A file of the interface, as `src/api/pages.ts` reads it. */
interface Page {
  readonly path: string;
  readonly file: string;
  readonly type: string;
  readonly etag: string;
}

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

function isFresh(): boolean {
  const built = statSync(join(TARGET, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [...filesUnder(SOURCE), ...filesUnder(SHARED), join(ROOT, 'package-lock.json'), import.meta.filename];
  return sources.every((file) => statSync(file).mtimeMs < built);
}

/** Address of what an entry point became, and of the chunks that it needs before it can run. */
function outputOf(metafile: Metafile, entry: string): { path: string; imports: string[] } {
  const addressOf = (file: string) => `/assets/${basename(file)}`;
  const [file, output] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
  if (file === undefined || output === undefined) throw new Error(`${entry} was not built`);
  const needed = output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => addressOf(path));
  return { path: addressOf(file), imports: needed };
}

async function bundle(outdir: string): Promise<Metafile> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['ui/main.tsx', 'ui/before-paint.ts', 'ui/styles/main.css'],
    outdir,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: BROWSERS,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'file' },
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
  });
  return result.metafile;
}

function writeIndex(metafile: Metafile): void {
  const main = outputOf(metafile, 'ui/main.tsx');
  const head = [
    `<script src="${outputOf(metafile, 'ui/before-paint.ts').path}"></script>`,
    `<link rel="stylesheet" href="${outputOf(metafile, 'ui/styles/main.css').path}">`,
    ...main.imports.map((path) => `<link rel="modulepreload" href="${path}">`),
    `<script type="module" src="${main.path}"></script>`,
  ];
  const template = readFileSync(join(SOURCE, 'index.html'), 'utf8');
  if (!template.includes('<!-- assets -->')) throw new Error('ui/index.html has no <!-- assets --> line');
  writeFileSync(join(FRESH, 'index.html'), template.replace('<!-- assets -->', head.join('\n    ')));
  for (const file of ['favicon.svg', 'favicon-alarm.svg', 'icon.svg', 'app.webmanifest']) {
    writeFileSync(join(FRESH, file), readFileSync(join(SOURCE, file)));
  }
}

async function compress(file: string): Promise<void> {
  const content = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${file}.br`, await promisify(brotliCompress)(content, { params: quality }));
  writeFileSync(`${file}.gz`, await promisify(gzip)(content, { level: 9 }));
}

async function main(): Promise<void> {
  if (process.argv.includes('--if-changed') && isFresh()) return;
  mkdirSync(FRESH, { recursive: true });
  const metafile = await bundle(join(FRESH, 'assets'));
  writeIndex(metafile);
  const files = filesUnder(FRESH);
  await Promise.all(files.map(compress));
  const pages: Page[] = files.map((file) => {
    const path = file.slice(FRESH.length).replaceAll('\\', '/');
    const etag = `"${createHash('sha256').update(readFileSync(file)).digest('base64url').slice(0, 22)}"`;
    return { path, file: path.slice(1), type: MEDIA_TYPES[extname(file)] ?? 'application/octet-stream', etag };
  });
  writeFileSync(join(FRESH, 'manifest.json'), JSON.stringify(pages, null, 2));
  writeFileSync(join(FRESH, 'packages.json'), JSON.stringify(bundledPackages(metafile)));
  rmSync(TARGET, { recursive: true, force: true });
  renameSync(FRESH, TARGET);
}

try {
  await main();
} finally {
  rmSync(FRESH, { recursive: true, force: true });
}
