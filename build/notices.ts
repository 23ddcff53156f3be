import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { lockedPackage } from './packages.ts';

const { Builders, Factories } = Contrib.FromNodePackageJson;

interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** Something of a third party in the executable: where it lies unpacked with its licence, and what it is. */
export interface Notice {
  readonly directory: string;
  readonly manifest: PackageManifest;
  /** Package URL of what is no npm package. */
  readonly purl?: string;
}

const RULER = '-'.repeat(100);

/** Packages of these directories, each once, by name and version. */
export function readNotices(directories: readonly string[]): Notice[] {
  const found = new Map<string, Notice>();
  for (const directory of directories) {
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageManifest;
    found.set(`${manifest.name}@${manifest.version}`, { directory, manifest });
  }
  return [...found.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
}

const licenceFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name) || /\.LICENSE\.txt$/.test(name))
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8').trim());

/** The licence texts of all packages as one text for people. A package without a text is named with what it declares. */
export function licenceTexts(notices: readonly Notice[]): string {
  const parts = notices.map(({ directory, manifest }) => {
    const head = `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence declared'})`;
    const bundles = join(directory, 'bundles');
    const texts = [...licenceFiles(directory), ...(existsSync(bundles) ? licenceFiles(bundles) : [])];
    return [RULER, head, RULER, ...texts].join('\n\n');
  });
  return `Third-party software in FactoryOps, and its licences\n\n${parts.join('\n\n')}\n`;
}

const isExpression = (text: string) => {
  if (!/ (AND|OR|WITH) /.test(text)) throw new RangeError('not an SPDX expression');
};

/**
 * The bill of materials (CycloneDX 1.6, JSON): every third-party package in the executable with version, licence, package
 * URL and the hash of its archive, which the lock file names; and third-party data.
 */
export function billOfMaterials(
  notices: readonly Notice[],
  product: { readonly version: string; readonly builtAt: number | null },
): string {
  const bom = new Models.Bom();
  if (product.builtAt !== null) bom.metadata.timestamp = new Date(product.builtAt);
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, 'factoryops', {
    bomRef: `factoryops@${product.version}`,
    version: product.version,
  });
  const licences = new Contrib.License.Factories.LicenseFactory(isExpression);
  const builder = new Builders.ComponentBuilder(new Factories.ExternalReferenceFactory(), licences);
  for (const { manifest, purl } of notices) {
    const type = purl === undefined ? Enums.ComponentType.Library : Enums.ComponentType.Data;
    const component = builder.makeComponent({ ...manifest }, type);
    if (component === undefined) throw new Error(`${manifest.name} has no name or version`);
    component.purl = purl ?? `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`;
    component.bomRef.value = component.purl;
    if (purl === undefined) {
      const { integrity } = lockedPackage(manifest.name, manifest.version);
      const sha512 = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
      component.hashes.set(Enums.HashAlgorithm['SHA-512'], sha512);
    }
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const normalizer = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(normalizer).serialize(bom, { space: 2, sortLists: true });
}
