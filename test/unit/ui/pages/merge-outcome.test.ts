import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeOutcome } from '../../../../ui/pages/device/merge-outcome.ts';

test('of two devices that become one, parameters go on, move, or are shown no more, by name and kind', () => {
  const from = [
    { name: 'both', kind: 'number' },
    { name: 'flag', kind: 'boolean' },
    { name: 'mode', kind: 'state' },
    { name: 'code', kind: 'number' },
    { name: 'own', kind: 'state' },
  ] as const;
  const into = [
    { name: 'both', kind: 'number' },
    { name: 'flag', kind: 'number' },
    { name: 'mode', kind: 'state' },
    { name: 'code', kind: 'state' },
    { name: 'theirs', kind: 'number' },
  ] as const;
  assert.deepEqual(mergeOutcome(from, into), { joined: ['both', 'flag', 'mode'], moved: ['own'], beside: ['code'] });
});
