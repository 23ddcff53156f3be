import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SavedRule } from './engine-types.ts';

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * What the numbers of a state mean, and in which order: to be counted up whenever slots of the fold come, go or change, or
 * a newer FactoryOps would take the state of an older one for its own.
 */
const LAYOUT = 3;

interface Packed {
  readonly layout: number;
  readonly saved: SavedRule;
}

/** A rule's state as bytes, for a snapshot: numbers in a row, of which most are alike. */
export const pack = (saved: SavedRule): Uint8Array =>
  zstdCompressSync(serialize({ layout: LAYOUT, saved } satisfies Packed), FAST);

/** @throws for bytes that are not whole, or of a FactoryOps whose states are others: the rule begins anew then */
export const unpack = (bytes: Uint8Array): SavedRule => {
  const { layout, saved } = deserialize(zstdDecompressSync(bytes)) as Packed;
  if (layout !== LAYOUT) throw new Error('it was written by another version of FactoryOps');
  return saved;
};
