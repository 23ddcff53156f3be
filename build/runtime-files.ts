import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { verifiedPackage } from './packages.ts';
import type { Target } from './targets.ts';

/** 19.7 MB of DuckDB in 3 s; level 19 saves 2 MB more and takes 40 s. */
const COMPRESSION = {
  params: { [constants.ZSTD_c_compressionLevel]: 12, [constants.ZSTD_c_windowLog]: 23 },
};
const FRAME_BYTES = 4 * 1_048_576;

/** Native libraries of a target, by name. */
function nativeLibraries({ platform, arch }: Target): Record<string, Buffer> {
  const sqlite = join(verifiedPackage('better-sqlite3'), 'prebuilds', `${platform}-${arch}.node`);
  const duckdb = verifiedPackage(`@duckdb/node-bindings-${platform}-${arch}`);
  const names = readdirSync(duckdb).filter((name) => /\.(node|so|dll)$/.test(name));
  if (names.length !== 2) throw new Error(`DuckDB consists of other files now: ${names.join(', ')}`);
  return {
    'better_sqlite3.node': readFileSync(sqlite),
    ...Object.fromEntries(names.map((name) => [name, readFileSync(join(duckdb, name))])),
  };
}

/** Parts that are compressed each by itself, so that unpacking them never takes the memory of the whole. */
const framesOf = (content: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(content.length / FRAME_BYTES) }, (_, index) =>
    content.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES),
  );

/**
 * Writes the runtime files of a target, compressed, and `manifest.json`, which lists them, into a directory.
 * `src/core/runtime.ts` unpacks them.
 *
 * @returns assets by name
 */
export async function writeRuntimeFiles(
  target: Target,
  threads: Readonly<Record<string, Buffer>>,
  directory: string,
): Promise<Record<string, string>> {
  mkdirSync(directory, { recursive: true });
  const files = Object.entries({ ...threads, ...nativeLibraries(target) });
  const manifest = files.map(([name, content]) => ({
    name,
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    frames: [] as number[],
  }));
  for (const [index, [name, content]] of files.entries()) {
    const frames = await Promise.all(framesOf(content).map((frame) => promisify(zstdCompress)(frame, COMPRESSION)));
    manifest[index]?.frames.push(...frames.map(({ length }) => length));
    writeFileSync(join(directory, `${name}.zst`), Buffer.concat(frames));
  }
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const names = ['manifest.json', ...files.map(([name]) => `${name}.zst`)];
  return Object.fromEntries(names.map((name) => [`runtime/${name}`, join(directory, name)]));
}
