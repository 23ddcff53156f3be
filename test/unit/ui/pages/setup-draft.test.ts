import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftFaults, emptyFactory, withName, withSlug } from '../../../../ui/components/factory-draft.ts';
import { emptyDraft, isFaultless, ownerFaults, setupBody } from '../../../../ui/pages/setup/draft.ts';

const OWNER = { ...emptyDraft('UTC'), code: 'K7QF-2MXA', email: ' anita@example.com ', password: 'correct horse' };

test('the short name follows the name until it is typed, and again when it is emptied', () => {
  const named = withName(emptyFactory('UTC'), 'VPC Industries');
  assert.equal(named.slug, 'vpc-industries');
  const typed = withSlug(named, 'VPC');
  assert.equal(withName(typed, 'Other').slug, 'vpc');
  assert.equal(withName(withSlug(typed, ''), 'Other').slug, 'other');
});

test('a factory needs a name and a short name', () => {
  assert.deepEqual(Object.keys(draftFaults(emptyFactory('UTC'))), ['name', 'slug']);
  assert.deepEqual(draftFaults(withName(emptyFactory('UTC'), 'North')), {});
  assert.ok(draftFaults(withName(emptyFactory('UTC'), 'N'.repeat(101))).name !== undefined);
});

test('a demo factory asks for nothing but its owner', () => {
  assert.equal(isFaultless(ownerFaults({ ...OWNER, isDemo: true })), true);
  assert.equal(isFaultless(ownerFaults(OWNER)), false);
  assert.equal(isFaultless(ownerFaults({ ...OWNER, factory: withName(OWNER.factory, 'North') })), true);
  assert.deepEqual(Object.keys(ownerFaults({ ...OWNER, isDemo: true, email: 'anita', password: 'shorter' })).sort(), [
    'email',
    'factory',
    'password',
  ]);
});

test('the API is sent what was typed, and of a demo factory no name', () => {
  const factory = withName(OWNER.factory, ' North ');
  const owner = { setup_code: 'K7QF-2MXA', email: 'anita@example.com', password: 'correct horse', timezone: 'UTC' };
  assert.deepEqual(setupBody({ ...OWNER, factory }), { ...owner, factory_name: 'North', factory_slug: 'north' });
  assert.deepEqual(setupBody({ ...OWNER, factory, isDemo: true }), { ...owner, demo: true });
});
