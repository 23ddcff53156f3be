import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundledPackages } from './packages.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNTIME = join(ROOT, 'src/core/runtime.ts');

/** Optional native accelerators. If one stood in a directory above the program, it would be loaded from there. */
const ABSENT = /^(@napi-rs\/nice|bufferutil|utf-8-validate)$/;

const withoutAccelerators: Plugin = {
  name: 'without accelerators',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: ABSENT }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({ contents: `throw new Error('no ${path} here')` }));
  },
};

/** DuckDB's own loader looks for a package of the platform; ours takes what the executable has unpacked. */
const nativesOfOurs: Plugin = {
  name: 'natives',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@duckdb\/node-bindings$/ }, ({ path }) => ({ path, namespace: 'natives' }));
    onLoad({ filter: /./, namespace: 'natives' }, () => ({
      contents: `module.exports = require(${JSON.stringify(join(ROOT, 'src/core/natives.ts'))}).loadNative('duckdb.node');`,
      resolveDir: ROOT,
    }));
  },
};

/** Piscina starts its threads from a file beside its own: here that is among the runtime files. */
const piscinaFromRuntime: Plugin = {
  name: 'piscina',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]piscina[\\/]dist[\\/]index\.js$/ }, ({ path }) => {
      const own = "(0, node_path_1.resolve)(__dirname, 'worker.js')";
      const source = readFileSync(path, 'utf8');
      if (source.split(own).length !== 2) throw new Error('piscina starts its threads in another way now: see here');
      const ours = `require(${JSON.stringify(RUNTIME)}).runtimeFile('worker.cjs')`;
      return { contents: source.replace(own, ours), loader: 'js' };
    });
  },
};

/** Deprecation notes of Koa's dependencies name files relative to the working directory, which need not exist. */
const depdWithoutDirectory: Plugin = {
  name: 'depd',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]depd[\\/]index\.js$/ }, ({ path }) => {
      const own = 'var basePath = process.cwd()';
      const source = readFileSync(path, 'utf8');
      if (source.split(own).length !== 2) throw new Error('depd asks for the working directory in another way now');
      return { contents: source.replace(own, "var basePath = '/'"), loader: 'js' };
    });
  },
};

/** CommonJS, because a single executable's main file must be; names are kept for the sake of stack traces. */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '""' },
  plugins: [withoutAccelerators, nativesOfOurs, piscinaFromRuntime, depdWithoutDirectory],
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** The program as the executable holds it. */
export interface Program {
  readonly main: Buffer;
  /** Code of threads, by file name: they can only be started from real files. */
  readonly threads: Readonly<Record<string, Buffer>>;
  /** Directories of the third-party packages in it, relative to the checkout. */
  readonly packages: readonly string[];
}

/** Bundles `src/` and all that it imports. The same sources give the same bytes. */
export async function bundleProgram(): Promise<Program> {
  const bundle = async (options: Pick<BuildOptions, 'entryPoints' | 'stdin'>) => {
    const { outputFiles, metafile } = await build<typeof COMMON>({ ...COMMON, ...options });
    return { code: Buffer.from(outputFiles[0]?.contents ?? []), packages: bundledPackages(metafile) };
  };
  const start = `import { main } from './src/main.ts'; void main();`;
  const [main, entry, worker] = await Promise.all([
    bundle({ stdin: { contents: start, resolveDir: ROOT, loader: 'ts', sourcefile: 'start.ts' } }),
    bundle({ entryPoints: ['src/workers/entry.ts'] }),
    bundle({ entryPoints: ['node_modules/piscina/dist/worker.js'] }),
  ]);
  return {
    main: main.code,
    // .cjs: a package.json above the data directory does not say what they are.
    threads: { 'entry.cjs': entry.code, 'worker.cjs': worker.code },
    packages: [...main.packages, ...entry.packages, ...worker.packages],
  };
}
