import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewEntry } from '../../../src/audit/audit.ts';
import { createRefusedActs } from '../../../src/audit/refused-acts.ts';
import { currentAct, withinAct } from '../../../src/core/act.ts';
import { fakeClock } from '../../support/accounts.ts';

const HOUR_MS = 3_600_000;

function refusals() {
  const clock = fakeClock();
  const written: (NewEntry & { address: string })[] = [];
  const faults: unknown[] = [];
  let isBroken = false;
  const refused = createRefusedActs({
    clock,
    write: (entries) => {
      if (isBroken) throw new Error('the disk is full');
      written.push(...entries.map((entry) => ({ ...entry, address: currentAct().address })));
    },
    onFault: (error) => faults.push(error),
  });
  const from = (address: string, name: string) =>
    withinAct({ address, requestId: 'r' }, () =>
      refused.note({ action: 'auth.sign_in_refused', target: { kind: 'user', id: '', name } }),
    );
  return { clock, written, faults, refused, from, breakDisk: () => (isBroken = true) };
}

test('the first refusal is written at once, its repeats are counted and written once an hour', () => {
  const { clock, written, refused, from } = refusals();
  for (let index = 0; index < 1_000; index += 1) from('10.0.0.1', 'a@x');
  assert.equal(written.length, 1);
  clock.advance(HOUR_MS);
  refused.settle();
  assert.equal(written.length, 2);
  assert.equal(written[1]?.content.details?.repeats, 999);
  assert.equal(written[1]?.address, '10.0.0.1');
  from('10.0.0.1', 'a@x');
  assert.equal(written.length, 3);
});

test('somebody else, or from elsewhere, is another one', () => {
  const { written, from } = refusals();
  from('10.0.0.1', 'a@x');
  from('10.0.0.2', 'a@x');
  from('10.0.0.1', 'b@x');
  assert.equal(written.length, 3);
});

test('whoever tries whatever, the audit grows by 101 entries an hour of each action at most', () => {
  const { clock, written, refused, from } = refusals();
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 5_000; index += 1) from(`10.0.${index % 250}.${index % 199}`, `guess-${index}@x`);
  }
  assert.equal(written.length, 50);
  clock.advance(HOUR_MS);
  refused.settle();
  assert.equal(written.length, 101);
  const last = written.at(-1);
  assert.equal(last?.action, 'auth.more_refused');
  assert.equal(last?.content.details?.more, 2 * 4_950);
});

test('a clock that is set back does not keep the hour from ending', () => {
  const { clock, written, refused, from } = refusals();
  from('10.0.0.1', 'a@x');
  from('10.0.0.1', 'a@x');
  clock.advance(-400 * 24 * HOUR_MS);
  refused.settle();
  assert.equal(written.length, 2);
});

test('at the end what was counted is written', () => {
  const { written, refused, from } = refusals();
  from('10.0.0.1', 'a@x');
  from('10.0.0.1', 'a@x');
  refused.settle(true);
  assert.equal(written.at(-1)?.content.details?.repeats, 1);
});

test('what cannot be written is told, and refused all the same', () => {
  const { faults, from, breakDisk } = refusals();
  breakDisk();
  from('10.0.0.1', 'a@x');
  assert.equal(faults.length, 1);
});

test('guesses at one thing do not hide what is refused of another', () => {
  const { written, refused, from } = refusals();
  for (let index = 0; index < 200; index += 1) from('10.0.0.1', `guess-${index}@x`);
  withinAct({ address: '10.0.0.1', requestId: 'r' }, () =>
    refused.note({ action: 'auth.forbidden', target: { kind: 'route', id: 'x', name: 'x' } }),
  );
  assert.equal(written.at(-1)?.action, 'auth.forbidden');
});
