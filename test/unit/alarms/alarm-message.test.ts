import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmMessage } from '../../../src/alarms/alarm-message.ts';

const shown = { name: 'Bearing temperature', unit: '°C', decimals: 1 };

test('an alarm says in a sentence what has raised it, as people want to see it', () => {
  const raise = { parameter: 'temperature', value: 82.4449 };
  assert.equal(alarmMessage('Bearing hot', raise, shown), 'Bearing hot: Bearing temperature is 82.4 °C');
  assert.equal(alarmMessage('Bearing hot', raise, undefined), 'Bearing hot: temperature is 82.4449');
  const third = { parameter: 'p', value: 1 / 3 };
  assert.equal(alarmMessage('R', third, { name: 'p', unit: null, decimals: null }), 'R: p is 0.333333');
  assert.equal(alarmMessage('R', { parameter: 'p', value: 12_345_678 }, undefined), 'R: p is 12345700');
});

test('states and switches are said in words, without a unit', () => {
  assert.equal(
    alarmMessage('Door', { parameter: 'open', value: true }, { ...shown, name: 'Door' }),
    'Door: Door is on',
  );
  assert.equal(alarmMessage('Mode', { parameter: 'mode', value: 'fault' }, undefined), 'Mode: mode is fault');
});

test('where no value decided, the sentence is as short as what is known', () => {
  assert.equal(alarmMessage('Silent', { parameter: 'temperature', value: null }, shown), 'Silent: Bearing temperature');
  assert.equal(alarmMessage('Silent', { parameter: null, value: null }, undefined), 'Silent');
});
