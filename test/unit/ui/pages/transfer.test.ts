import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportAddress, listText, readQuestion } from '../../../../ui/pages/settings/transfer/export-question.ts';
import { currentOf, optionsFor, withOption } from '../../../../ui/pages/settings/transfer/import-options.ts';
import { backsOf } from '../../../../ui/pages/settings/transfer/stamps.ts';

const DAY = { kind: 'relative', spanMs: 86_400_000 } as const;
const NOW = Date.UTC(2026, 0, 31);
const queryOf = (address: string) => Object.fromEntries(new URL(address, 'http://x').searchParams);

test('an export asks for all, or for what is chosen, in the time of the moment', () => {
  assert.deepEqual(queryOf(exportAddress(readQuestion({}, DAY), NOW, 'UTC')), {
    from: '2026-01-30T00:00:00.000Z',
    to: '2026-01-31T00:00:00.000Z',
    format: 'csv',
    layout: 'long',
  });
  const question = readQuestion({ devices: 'a,b', parameters: 'x\\,y,z', format: 'parquet', layout: 'wide' }, DAY);
  assert.deepEqual(question.parameters, ['x,y', 'z']);
  const { devices, parameters, layout } = queryOf(exportAddress(question, NOW, 'UTC'));
  assert.deepEqual({ devices, parameters, layout }, { devices: 'a,b', parameters: 'x\\,y,z', layout: undefined });
});

test('"none chosen yet" is not "all", in the address of the page too', () => {
  for (const list of [[], ['a'], ['a,b', 'c']]) {
    assert.deepEqual(readQuestion({ parameters: listText(list) }, DAY).parameters, list);
  }
  assert.equal(readQuestion({ parameters: listText(undefined) }, DAY).parameters, undefined);
});

test('an option is said, or taken back to be found out again', () => {
  const detected = [{ option: 'delimiter', value: 'comma', evidence: '' }];
  assert.equal(currentOf('delimiter', {}, detected), 'comma');
  const said = withOption({ decimal: 'comma' }, 'delimiter', 'tab');
  assert.deepEqual(said, { decimal: 'comma', delimiter: 'tab' });
  assert.equal(currentOf('delimiter', said, detected), 'tab');
  assert.deepEqual(withOption(said, 'delimiter', ''), { decimal: 'comma' });
  assert.deepEqual(withOption({}, 'header', 'false'), { header: false });
  assert.deepEqual(withOption({}, 'missing', ' NaN, , n/a'), { missing: ['NaN', 'n/a'] });
  assert.deepEqual(withOption({}, 'columns', ['a']), { columns: ['a'] });
});

test('a list of samples has columns for their parts, and a device of its own only without a column for it', () => {
  assert.ok(optionsFor({}, []).often.includes('columns'));
  const long = optionsFor({ layout: 'long' }, []).often;
  assert.ok(long.includes('parameter_column') && long.includes('device') && !long.includes('columns'));
  assert.ok(!optionsFor({ layout: 'long', device_column: 'machine' }, []).often.includes('device'));
});

test('a time goes back where it is before the one of the line before, and not where it stands still', () => {
  assert.deepEqual(backsOf([]), []);
  assert.deepEqual(backsOf([1, 2, 2, 3]), []);
  assert.deepEqual(backsOf([1, 9, 2, 3, 1]), [2, 4]);
});
