import { parentPort } from 'node:worker_threads';

/** A writer thread that opens, and dies of its first batch. */
parentPort?.on('message', ({ id, name }: { id: number; name: string }) => {
  if (name === 'commit') process.exit(3);
  parentPort?.postMessage({ kind: 'done', id, output: { series: [], latest: [], nextSeriesId: 1, bucketMs: 600_000 } });
});
