import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../fuzz/fuzz.ts';

test('every operation of the API answers as it is documented, whatever it is sent, and the appliance works on', async () => {
  const { statuses, failures } = await fuzz({ requests: 600, seed: 20_270_101 });
  assert.equal(failures.map(({ operation, message }) => `${operation}: ${message}`).join('\n\n'), '');
  const successes = [...statuses.values()].filter((counts) => [...counts.keys()].some((status) => status < 300));
  // Refusing everything would be as documented, too.
  assert.ok(successes.length > statuses.size / 2, `${successes.length} of ${statuses.size} operations ever succeeded`);
});
