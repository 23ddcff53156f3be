import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExporter } from '../../../src/transfer/transfer.ts';
import { scopeOf } from '../../support/history-model.ts';

const REQUEST = { series: [], from: 0, to: 1, format: 'csv', layout: 'long' } as const;

test('so many exports run at once, two of them of one factory; one more is refused, and one that is left makes room', async () => {
  const page = {
    bytes: new Uint8Array(Buffer.from('x\r\n')),
    rows: 1,
    next: { from: 0, after: undefined, widthMs: 1 },
  };
  const exporter = createExporter({
    root: '/nowhere',
    csv: async () => page,
    parquet: async () => {
      throw new Error('the disk is full');
    },
  });
  const leaving = [0, 1].map(() => new AbortController());
  const open = (signal: AbortSignal, factoryId = 1) => exporter.open(scopeOf(factoryId), REQUEST, signal);
  const files = await Promise.all(leaving.map(({ signal }) => open(signal)));
  await assert.rejects(open(new AbortController().signal), { code: 'busy' });
  const others = [2, 2].map(() => new AbortController());
  await Promise.all(others.map(({ signal }) => open(signal, 2)));
  await assert.rejects(open(new AbortController().signal, 3), { code: 'busy' });
  for (const other of others) other.abort();
  await new Promise((resolve) => setImmediate(resolve));
  leaving[0]?.abort();
  await new Promise((resolve) => files[0]?.content.once('close', resolve));
  const parquet = exporter.open(scopeOf(1), { ...REQUEST, format: 'parquet' }, new AbortController().signal);
  await assert.rejects(parquet, /full/);
  await open(new AbortController().signal);
});
