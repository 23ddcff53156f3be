import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ExportPlace, exportRows } from '../../../src/historian/export-rows.ts';
import type { HotRow } from '../../../src/historian/hot-reader.ts';

/** What `HistoryEngine.rows` promises, of a list. */
const engineOf = (stored: readonly HotRow[]) => ({
  rows: async ({
    from,
    to,
    after,
    limit,
  }: Parameters<import('../../../src/historian/historian.ts').HistoryEngine['rows']>[0]) => {
    const rows = stored.filter(
      ([ts, id]) =>
        ts >= from && ts < to && (after === undefined || ts > after.ts || (ts === after.ts && id > after.seriesId)),
    );
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  },
});

test('the pages of an export hold each sample once, in order, and end between instants where they have to', async () => {
  const gap = fc.oneof(fc.nat(3), fc.nat(100_000), fc.nat(1e10));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(gap, fc.subarray([1, 2, 3], { minLength: 1 })), { maxLength: 200 }),
      fc.boolean(),
      async (steps, wholeInstants) => {
        let ts = 0;
        const stored = steps.flatMap(([pause, ids]) => {
          ts += pause + 1;
          return ids.map((id): HotRow => [ts, id, ts * id, null]);
        });
        const range = { factoryId: 1, series: [], from: 0, to: ts + 1 };
        const options = { wholeInstants, isCancelled: () => false, pageRows: 7 };
        const found: HotRow[] = [];
        let [start, pages] = [undefined as ExportPlace | undefined, 0];
        for (;;) {
          const page = await exportRows(engineOf(stored), range, start, options);
          if (wholeInstants && page.rows[0] !== undefined) assert.notEqual(page.rows[0][0], found.at(-1)?.[0]);
          found.push(...page.rows);
          assert.ok(++pages <= stored.length + 1);
          if (page.next === null) break;
          start = page.next;
        }
        assert.deepEqual(found, stored);
      },
    ),
    { numRuns: 200 },
  );
});
