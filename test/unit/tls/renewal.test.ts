import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renewalAt, renewalOf, validityFrom } from '../../../src/tls/renewal.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2027, 5, 1);
const AUTHORITY = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2049, 11, 31) };
const NAMES = ['localhost', '10.0.0.5'];
const made = (at = NOW, names: readonly string[] = NAMES) => ({ ...validityFrom(at, AUTHORITY), names });
const trusted = (now: number) => ({ now, isTrusted: true });
const doubted = (now: number) => ({ now, isTrusted: false });

test('a certificate lives no longer than Apple and browsers take, and began a month ago', () => {
  const { notBefore, notAfter } = validityFrom(NOW, AUTHORITY);
  assert.equal((notAfter - notBefore) / DAY_MS, 397);
  assert.equal((NOW - notBefore) / DAY_MS, 30);
});

test('a certificate is within the life of its authority, whatever the clock says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) }), (now) => {
      const { notBefore, notAfter } = validityFrom(now, AUTHORITY);
      return notBefore >= AUTHORITY.notBefore && notAfter <= AUTHORITY.notAfter && notBefore < notAfter;
    }),
  );
});

test('it is made anew when a third of its life is left, and not before', () => {
  const current = made();
  const due = renewalAt(current);
  assert.equal(renewalOf(current, NAMES, trusted(NOW)), null);
  assert.equal(renewalOf(current, NAMES, trusted(due - 1)), null);
  assert.equal(renewalOf(current, NAMES, trusted(due)), 'ageing');
  assert.equal(renewalOf(current, NAMES, trusted(current.notAfter + 1)), 'expired');
  assert.equal(renewalOf(current, NAMES, trusted(current.notBefore - 1)), 'not_valid_yet');
  assert.equal(renewalOf(undefined, NAMES, trusted(NOW)), 'none_yet');
});

test('a name that is missing makes it anew, one that has gone does not', () => {
  assert.equal(renewalOf(made(), [...NAMES, 'press-7'], trusted(NOW)), 'names_changed');
  assert.equal(renewalOf(made(), ['localhost'], trusted(NOW)), null);
});

test('while the clock is in doubt only what cannot be used is replaced', () => {
  const current = made();
  assert.equal(renewalOf(current, NAMES, doubted(renewalAt(current))), null);
  assert.equal(renewalOf(current, NAMES, doubted(0)), null);
  assert.equal(renewalOf(current, NAMES, doubted(current.notAfter + 1)), 'expired');
  assert.equal(renewalOf(current, [...NAMES, 'press-7'], doubted(NOW)), 'names_changed');
  assert.equal(renewalOf(undefined, NAMES, doubted(0)), 'none_yet');
});

test('what was just made is never due: renewal comes to rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2026, 10, 1), max: Date.UTC(2048, 0, 1) }), (now) => {
      return renewalOf(made(now), NAMES, trusted(now)) === null;
    }),
  );
});
