import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { SavedRule } from '../../../src/rules/engine-types.ts';
import { pack, unpack } from '../../../src/rules/packed-rule.ts';

const SAVED: SavedRule = {
  version: 3,
  instances: [
    [
      'device-1',
      {
        state: { numbers: [1, Number.NaN, Number.NEGATIVE_INFINITY], usuals: [] },
        older: { numbers: [0], usuals: [] },
        newer: { numbers: [0.5], usuals: [] },
        since: 7,
        transitions: [],
      },
    ],
  ],
};

test('a state comes back as it was', () => {
  assert.deepEqual(unpack(pack(SAVED)), SAVED);
});

test('a state of another layout, of before there were layouts, or cut off, is not taken for one', () => {
  const bytes = pack(SAVED);
  const inside = deserialize(zstdDecompressSync(bytes));
  const other = zstdCompressSync(serialize({ ...inside, layout: inside.layout + 1 }));
  assert.throws(() => unpack(other), /another version/);
  assert.throws(() => unpack(zstdCompressSync(serialize(SAVED))), /another version/);
  assert.throws(() => unpack(bytes.subarray(0, bytes.length - 4)));
});
