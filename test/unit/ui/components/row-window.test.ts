import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowWindow } from '../../../../ui/components/row-window.ts';

const LIST = { count: 1_000, rowHeight: 40, windowHeight: 800 };

test('every row in sight is drawn wherever the list is scrolled to, and only a small part of the list', () => {
  for (let scrolled = -500; scrolled < 40_000; scrolled += 37) {
    const { start, end } = rowWindow({ ...LIST, top: -scrolled });
    const firstInSight = Math.max(0, Math.floor(scrolled / 40));
    const lastInSight = Math.min(999, Math.floor((scrolled + 800) / 40));
    assert.ok(start <= firstInSight, `row ${firstInSight} is in sight, but drawing begins at ${start}`);
    assert.ok(lastInSight < 0 || end > lastInSight, `row ${lastInSight} is in sight, but drawing ends at ${end}`);
    assert.ok(end - start <= 80, `${end - start} rows are drawn`);
  }
});

test('the window stays inside a list that became shorter than what was scrolled by', () => {
  assert.deepEqual(rowWindow({ ...LIST, count: 5, top: -30_000 }), { start: 0, end: 5 });
});

test('scrolling by one row inside a step draws the same rows', () => {
  assert.deepEqual(rowWindow({ ...LIST, top: -10_000 }), rowWindow({ ...LIST, top: -10_040 }));
});
