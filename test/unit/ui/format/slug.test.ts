import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SLUG_PATTERN } from '../../../../src/accounts/accounts.ts';
import { slugFault, slugFrom } from '../../../../ui/format/slug.ts';

test('a short name is made of a name as people would shorten it', () => {
  const made = ['VPC Industries', '  Werk Süd / Straße 3 ', 'Ångström & Søn', '工場', '--A--'].map(slugFrom);
  assert.deepEqual(made, ['vpc-industries', 'werk-sud-strasse-3', 'angstrom-s-n', '', 'a']);
});

test('whatever the name, what is suggested is empty or taken by the API', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (name) => {
      const slug = slugFrom(name);
      return slug === '' || (SLUG_PATTERN.test(slug) && slugFault(slug) === undefined);
    }),
  );
});

test('what is said while typing is what the API says afterwards', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_', ' '), maxLength: 45 }), (slug) => {
      return (slugFault(slug) === undefined) === SLUG_PATTERN.test(slug);
    }),
  );
  assert.deepEqual(['', 'Vpc', '-vpc', 'a'.repeat(41)].map(slugFault), ['empty', 'letters', 'ends', 'long']);
});
