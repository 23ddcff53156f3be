import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type AssetFolder, diskFolder } from '../../../src/core/assets.ts';
import { testApi } from '../../support/api.ts';
import { temporaryDirectory } from '../../support/appliance.ts';

const FILES = {
  '/index.html': ['text/html; charset=utf-8', '<!doctype html><title>page</title>'],
  '/assets/main-ABC.js': ['text/javascript; charset=utf-8', 'console.log(1)'],
} as const;

/** What `build/ui.ts` makes, in small. */
function builtPages(directory: string): AssetFolder {
  mkdirSync(join(directory, 'assets'));
  const manifest = Object.entries(FILES).map(([path, [type, content]]) => {
    const file = join(directory, path);
    writeFileSync(file, content);
    writeFileSync(`${file}.br`, brotliCompressSync(content));
    writeFileSync(`${file}.gz`, gzipSync(content));
    return { path, file: path.slice(1), type, etag: `"${path}"` };
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return diskFolder(directory);
}

test('every address outside /api that is not a file shows the application, never cached without asking', async () => {
  using directory = temporaryDirectory();
  await using api = await testApi({ pages: builtPages(directory.path) });
  for (const path of ['//', '//devices/7', '//trends?range=1h']) {
    const page = await api.call('GET', path);
    assert.equal(page.status, 200);
    assert.equal(page.text, FILES['/index.html'][1]);
    assert.equal(page.headers.get('Cache-Control'), 'no-cache');
  }
  assert.equal((await api.call('GET', '//healthz')).json.status, 'ok');
  assert.equal((await api.call('GET', '//api/nowhere')).status, 404);
  assert.equal((await api.call('GET', '//assets/gone-XYZ.js')).status, 404);
  assert.equal((await api.call('GET', '//assets/gone.woff2')).status, 404);
  assert.equal((await api.call('GET', '//assets/..%2fmanifest.json')).status, 404);
  assert.equal((await api.call('GET', '//manifest.json')).status, 404);
  assert.equal((await api.call('POST', '//devices')).status, 404);
});

test('hashed files are kept for ever, come compressed as the build made them, and allow no foreign script', async () => {
  using directory = temporaryDirectory();
  await using api = await testApi({ pages: builtPages(directory.path) });
  const script = '//assets/main-ABC.js';
  for (const encoding of ['br', 'gzip', 'identity']) {
    const answer = await api.call('GET', script, { headers: { 'Accept-Encoding': encoding } });
    assert.equal(answer.text, FILES['/assets/main-ABC.js'][1]);
    assert.equal(answer.headers.get('Content-Encoding'), encoding === 'identity' ? null : encoding);
    assert.match(answer.headers.get('Cache-Control') ?? '', /immutable/);
    assert.match(answer.headers.get('Vary') ?? '', /Accept-Encoding/);
    assert.doesNotMatch(answer.headers.get('Content-Security-Policy') ?? 'unsafe', /unsafe/);
  }
});

test('a page that the browser has already is not sent again', async () => {
  using directory = temporaryDirectory();
  await using api = await testApi({ pages: builtPages(directory.path) });
  const first = await api.call('GET', '//');
  const again = await api.call('GET', '//', {
    // Said, because fetch would add "no-cache" to a conditional request.
    headers: { 'If-None-Match': first.headers.get('ETag') ?? '', 'Cache-Control': 'max-age=0' },
  });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
});

test('a file that could not be read once is there again when it can be', async () => {
  using directory = temporaryDirectory();
  await using api = await testApi({ pages: builtPages(directory.path) });
  const file = join(directory.path, 'assets/main-ABC.js.gz');
  renameSync(file, `${file}.away`);
  const script = () => api.call('GET', '//assets/main-ABC.js', { headers: { 'Accept-Encoding': 'gzip' } });
  const refused = await script();
  assert.equal(refused.status, 500);
  assert.equal(refused.headers.get('Cache-Control'), 'no-store', 'a failure must not be kept for ever');
  renameSync(`${file}.away`, file);
  assert.equal((await script()).status, 200);
});

test('an interface that was not built is a clear answer with the remedy', async () => {
  using directory = temporaryDirectory();
  await using api = await testApi({ pages: diskFolder(directory.path) });
  const answer = await api.call('GET', '//');
  assert.equal(answer.status, 503);
  assert.match(answer.json.detail, /npm run build:ui/);
});
