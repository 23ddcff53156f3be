import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameter } from '../../../../ui/api/schema.ts';
import { changesOf, faultsOf, fieldsOf } from '../../../../ui/pages/device/parameter-form.ts';

const SPEED: Parameter = {
  name: 'speed',
  kind: 'number',
  display_name: null,
  unit: 'rpm',
  decimals: 0,
  low_limit: 500,
  high_limit: null,
  is_kpi: true,
};

test('nothing changed means nothing to send', () => {
  assert.deepEqual(changesOf(SPEED, fieldsOf(SPEED)), { change: {}, undo: {} });
});

test('only what was changed is sent, empty fields as null, and the undo holds what was there before', () => {
  const fields = { ...fieldsOf(SPEED), unit: ' ', display_name: ' Spindle speed ', high_limit: '4000,5' };
  assert.deepEqual(changesOf(SPEED, fields), {
    change: { unit: null, display_name: 'Spindle speed', high_limit: 4000.5 },
    undo: { unit: 'rpm', display_name: null, high_limit: null },
  });
});

test('what is no number, no count of decimals, or a low limit above the high one is said at its field', () => {
  const faults = (changed: object) => faultsOf({ ...fieldsOf(SPEED), ...changed });
  assert.deepEqual(faults({}), {});
  assert.deepEqual(faults({ high_limit: 'fast' }), { high_limit: 'notANumber' });
  assert.deepEqual(faults({ low_limit: '1.000,5' }), { low_limit: 'notANumber' });
  assert.deepEqual(faults({ decimals: '1.5' }), { decimals: 'notDecimals' });
  assert.deepEqual(faults({ decimals: '11' }), { decimals: 'notDecimals' });
  assert.deepEqual(faults({ high_limit: '499' }), { low_limit: 'lowAboveHigh' });
  assert.deepEqual(faults({ high_limit: '500' }), {});
});
