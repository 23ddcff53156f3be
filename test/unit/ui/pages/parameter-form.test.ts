import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Parameter } from '../../../../ui/api/schema.ts';
import { UNIT_SYSTEMS } from '../../../../ui/format/units.ts';
import { changesOf, faultsOf, fieldsOf, shownInEditor, withUnit } from '../../../../ui/pages/device/parameter-form.ts';

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
  assert.deepEqual(changesOf(SPEED, fieldsOf(SPEED, 'as_sent'), 'as_sent'), { change: {}, undo: {} });
});

test('only what was changed is sent, empty fields as null, and the undo holds what was there before', () => {
  const fields = { ...fieldsOf(SPEED, 'as_sent'), unit: ' ', display_name: ' Spindle speed ', high_limit: '4000,5' };
  assert.deepEqual(changesOf(SPEED, fields, 'as_sent'), {
    change: { unit: null, display_name: 'Spindle speed', high_limit: 4000.5 },
    undo: { unit: 'rpm', display_name: null, high_limit: null },
  });
});

test('what is no number, no count of decimals, or a low limit above the high one is said at its field', () => {
  const faults = (changed: object) => faultsOf(SPEED, { ...fieldsOf(SPEED, 'as_sent'), ...changed }, 'as_sent');
  assert.deepEqual(faults({}), {});
  assert.deepEqual(faults({ high_limit: 'fast' }), { high_limit: 'notANumber' });
  assert.deepEqual(faults({ low_limit: '1.000,5' }), { low_limit: 'notANumber' });
  assert.deepEqual(faults({ decimals: '1.5' }), { decimals: 'notDecimals' });
  assert.deepEqual(faults({ decimals: '11' }), { decimals: 'notDecimals' });
  assert.deepEqual(faults({ high_limit: '499' }), { low_limit: 'lowAboveHigh' });
  assert.deepEqual(faults({ high_limit: '500' }), {});
});

const OVEN: Parameter = { ...SPEED, name: 'oven', unit: '°C', decimals: 1, low_limit: 29.5, high_limit: 100 / 3 };

test('limits are seen and typed in the unit shown, and sent in the one that the device sends', () => {
  const fields = fieldsOf(OVEN, 'imperial');
  assert.deepEqual([fields.unit, fields.low_limit, fields.high_limit], ['°C', '85.1', '92']);
  assert.equal(shownInEditor(OVEN, fields, 'imperial').unit, '°F');
  assert.deepEqual(changesOf(OVEN, { ...fields, high_limit: '104' }, 'imperial'), {
    change: { high_limit: 40 },
    undo: { high_limit: 100 / 3 },
  });
  assert.deepEqual(changesOf(OVEN, { ...fields, low_limit: '85,2', high_limit: '' }, 'imperial').change, {
    low_limit: 29.5555555555556,
    high_limit: null,
  });
  assert.deepEqual(faultsOf(OVEN, { ...fields, low_limit: '92.1' }, 'imperial'), { low_limit: 'lowAboveHigh' });
});

test('a limit that nobody has touched is not sent, however it was rounded to be shown', () => {
  assert.deepEqual(changesOf(OVEN, fieldsOf(OVEN, 'imperial'), 'imperial').change, {});
  const parameter = fc.record({
    unit: fc.constantFrom('°C', 'bar', 'kPa', 'mm', 'psi', 'K', 'l/min', 'V'),
    limit: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });
  fc.assert(
    fc.property(parameter, fc.constantFrom(...UNIT_SYSTEMS), ({ unit, limit }, system) => {
      const one = { ...OVEN, unit, low_limit: null, high_limit: limit };
      assert.deepEqual(changesOf(one, { ...fieldsOf(one, system), display_name: 'x' }, system).change, {
        display_name: 'x',
      });
    }),
  );
});

test('another unit leaves the numbers of the limits as they are sent, while it is typed as well', () => {
  const one = { ...OVEN, low_limit: null, high_limit: 6.5, unit: 'bar' };
  let fields = fieldsOf(one, 'imperial');
  assert.equal(fields.high_limit, '94.27453');
  for (const [unit, shown] of [
    ['ba', '6.5'],
    ['', '6.5'],
    ['k', '6.5'],
    ['kPa', '0.9427453'],
  ] as const) {
    fields = withUnit(one, fields, unit, 'imperial');
    assert.equal(fields.high_limit, shown);
  }
  assert.deepEqual(changesOf(one, fields, 'imperial').change, { unit: 'kPa' });
  const typed = withUnit(one, { ...fields, high_limit: 'much' }, 'bar', 'imperial');
  assert.equal(typed.high_limit, 'much', 'what is no number stays as it was typed');
});
