import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as api from '../../../../src/accounts/roles.ts';
import { allows, covers, PERMISSIONS, ROLES } from '../../../../ui/state/rights.ts';

const rights = fc.record({
  role: fc.constantFrom(...api.ROLES),
  permissions: fc.subarray([...api.PERMISSIONS]),
});

test('the pages know the roles and permissions of the API, in its order', () => {
  assert.deepEqual(ROLES, api.ROLES);
  assert.deepEqual(PERMISSIONS, api.PERMISSIONS);
});

test('what the pages offer is what the API allows', () => {
  fc.assert(
    fc.property(rights, rights, fc.constantFrom(...api.ROLES, ...api.PERMISSIONS), (mine, theirs, needed) => {
      assert.equal(allows(mine, needed), api.allows(mine, needed));
      assert.equal(covers(mine, theirs), api.covers(mine, theirs));
    }),
  );
});
