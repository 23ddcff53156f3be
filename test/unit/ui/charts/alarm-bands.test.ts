import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlarmBand, bandsOf, overlaps } from '../../../../ui/charts/alarm-bands.ts';

const band = (more: Partial<AlarmBand>): AlarmBand => ({
  id: 'a',
  deviceId: 'd',
  parameter: 'temperature',
  severity: 'high',
  from: 100,
  to: 200,
  ...more,
});

test('a chart shows the alarms of its parameters, and those of the device as a whole; the worst are drawn last', () => {
  const bands = [
    band({ id: 'critical', severity: 'critical' }),
    band({ id: 'other parameter', parameter: 'voltage' }),
    band({ id: 'other device', deviceId: 'e' }),
    band({ id: 'device', parameter: null, severity: 'low' }),
  ];
  const series = [{ deviceId: 'd', parameter: 'temperature' }];
  assert.deepEqual(
    bandsOf(bands, series).map(({ id }) => id),
    ['device', 'critical'],
  );
  assert.deepEqual(bandsOf(bands, []), []);
});

test('an alarm that still stands reaches into every window after its beginning', () => {
  const window = { from: 150, to: 300 };
  assert.equal(overlaps(band({}), window), true);
  assert.equal(overlaps(band({ to: 150 }), window), false);
  assert.equal(overlaps(band({ from: 0, to: null }), window), true);
  assert.equal(overlaps(band({ from: 300, to: null }), window), false);
});
