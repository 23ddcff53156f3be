import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inject } from 'postject';
import { ASSET_DATA, ASSET_PACKAGES, assetFiles } from './assets.ts';
import { withoutSignature, withoutSymbols } from './node-binary.ts';
import { billOfMaterials, licenceTexts, readNotices } from './notices.ts';
import { lockedPackage, verifiedPackage } from './packages.ts';
import { bundleProgram, type Program } from './program.ts';
import { writeRuntimeFiles } from './runtime-files.ts';
import { TARGETS, type Target } from './targets.ts';

/** Young objects may take 64 MB by default, twice, which a flood fills; old ones double before they are looked at. */
const MEMORY_FLAGS = ['--max-semi-space-size=16', '--heap-growing-percent=50'];

/**
 * Builds the executables: `dist/factoryops-<version>-<target>`, and beside them `SHA256SUMS`, the bill of materials
 * (CycloneDX) and the licence texts. This machine's target alone, or all of them with `--all`.
 *
 * Node's own single-executable format: the program and its assets become one blob, which is put into the Node binary
 * of the target, taken from npm. See `src/decisions.md` for why not pkg.
 */

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const WORK = join(ROOT, 'node_modules', '.cache', 'executable');
/** Under this name, and with this mark, Node looks for what was put into it (src/node_sea.cc). */
const [RESOURCE, FUSE] = ['NODE_SEA_BLOB', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'];

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const say = (line: string) => process.stderr.write(`${line}\n`);
/** What git says of this checkout, or null where it has nothing to say: the sources may have come as an archive. */
function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

const isForThisMachine = ({ platform, arch }: Target) => platform === process.platform && arch === process.arch;

/** Packages whose native libraries, or which themselves, go into an executable; the same for each but for the platform. */
const platformPackages = ({ name, platform, arch }: Target) => [
  `node-${name}`,
  `@duckdb/node-bindings-${platform}-${arch}`,
];

function makeBlob(target: Target, program: Program, assets: Record<string, string>, directory: string): Buffer {
  writeFileSync(join(directory, 'factoryops.cjs'), program.main);
  const config = {
    main: 'factoryops.cjs',
    output: 'factoryops.blob',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Only the Node that made it can read it. Saves a quarter of the time that `version` takes.
    useCodeCache: isForThisMachine(target),
    // Somebody else's NODE_OPTIONS are not the appliance's.
    execArgvExtension: 'none',
    // DEP0169: url.parse in Koa's dependencies, which Node does not mention while they lie in node_modules.
    execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0169', ...MEMORY_FLAGS],
    assets,
  };
  writeFileSync(join(directory, 'sea.json'), JSON.stringify(config));
  // The code cache is refused by a V8 that runs with other flags than the one that made it.
  execFileSync(process.execPath, [...MEMORY_FLAGS, '--experimental-sea-config', 'sea.json'], {
    cwd: directory,
    stdio: 'ignore',
  });
  return readFileSync(join(directory, 'factoryops.blob'));
}

function nodeBinary({ name, platform }: Target): Buffer {
  const packaged = `node-${name}`;
  if (`v${lockedPackage(packaged).version}` !== process.version) {
    throw new Error('the Node that builds must be the one that goes into the executable: run "npm run build"');
  }
  const directory = join(verifiedPackage(packaged), 'bin');
  return platform === 'win32'
    ? withoutSignature(readFileSync(join(directory, 'node.exe')))
    : withoutSymbols(readFileSync(join(directory, 'node')));
}

/** Returns the name of the executable, which lies in `dist/` then. */
async function buildTarget(target: Target, program: Program, notices: Record<string, string>): Promise<string> {
  const name = `factoryops-${version}-${target.name}${target.suffix}`;
  const directory = join(WORK, target.name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const runtime = await writeRuntimeFiles(target, program.threads, join(directory, 'runtime'));
  const blob = makeBlob(target, program, { ...assetFiles(), ...notices, ...runtime }, directory);
  const file = join(directory, name);
  writeFileSync(file, nodeBinary(target));
  await inject(file, RESOURCE, blob, { sentinelFuse: FUSE });
  chmodSync(file, 0o755);
  renameSync(file, join(DIST, name));
  return name;
}

/** Writes what says what the executables are and what is in them; returns it as assets. */
function writeNotices(
  targets: readonly Target[],
  program: Program,
): { assets: Record<string, string>; names: string[] } {
  const committedAt = git('log', '-1', '--format=%ct');
  const build = {
    commit: git('rev-parse', 'HEAD'),
    builtAt: committedAt === null ? null : Number(committedAt) * 1_000,
  };
  const interfacePackages = JSON.parse(readFileSync(join(DIST, 'ui', 'packages.json'), 'utf8')) as string[];
  const bundled = [...program.packages, ...interfacePackages, ...ASSET_PACKAGES].map((path) => join(ROOT, path));
  const packages = readNotices([...bundled, ...targets.flatMap(platformPackages).map(verifiedPackage)]);
  const notices = [...packages, ASSET_DATA];
  mkdirSync(WORK, { recursive: true });
  const [texts, materials] = [`factoryops-${version}-licences.txt`, `factoryops-${version}.cdx.json`];
  writeFileSync(join(DIST, texts), licenceTexts(notices));
  writeFileSync(join(DIST, materials), billOfMaterials(notices, { version, builtAt: build.builtAt }));
  writeFileSync(join(WORK, 'build.json'), JSON.stringify(build));
  const assets = { 'build.json': join(WORK, 'build.json'), 'licences.txt': join(DIST, texts) };
  return { assets, names: [texts, materials] };
}

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const targets = TARGETS.filter((target) => values.all || isForThisMachine(target));
for (const old of readdirSync(DIST)) if (old.startsWith('factoryops-')) rmSync(join(DIST, old));
const program = await bundleProgram();
const { assets, names } = writeNotices(targets, program);
for (const target of targets) {
  const name = await buildTarget(target, program, assets);
  names.push(name);
  say(`dist/${name}: ${(readFileSync(join(DIST, name)).length / 1e6).toFixed(1)} MB`);
}
const sums = names.map(
  (name) =>
    `${createHash('sha256')
      .update(readFileSync(join(DIST, name)))
      .digest('hex')}  ${name}\n`,
);
writeFileSync(join(DIST, 'SHA256SUMS'), sums.sort().join(''));
