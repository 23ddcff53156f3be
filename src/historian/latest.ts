import type { Connection } from '../store/sqlite.ts';
import type { LatestSample, SampleBatch } from './samples.ts';

/** The newest sample of every series, in memory, with the ones changed since they were last written to `latest`. */
export interface LatestTable {
  readonly isDirty: boolean;
  load(): void;
  /** Takes a sample unless a newer one is known; an equal stamp replaces, as the last write wins. */
  set(seriesId: number, ts: number, value: number, text: string | null): void;
  apply(batch: SampleBatch): void;
  /** Drops series that are not in the registry any more; their rows in `latest` went with theirs there. */
  forget(seriesIds: readonly number[]): void;
  all(): LatestSample[];
  /** Writes the changed ones; inside the caller's transaction, so `saved` follows when that has committed. */
  save(): void;
  saved(): void;
}

export function createLatestTable(db: Connection): LatestTable {
  const newest = new Map<number, LatestSample>();
  const dirty = new Set<number>();
  const upsert = db.prepare(
    `insert into main.latest (series_id, factory_id, ts, value, text)
     select series_id, factory_id, ?, ?, ? from series where series_id = ?
     on conflict do update set ts = excluded.ts, value = excluded.value, text = excluded.text`,
  );
  const set = (seriesId: number, ts: number, value: number, text: string | null) => {
    const known = newest.get(seriesId);
    if (known !== undefined && known.ts > ts) return;
    newest.set(seriesId, { seriesId, ts, value, text });
    dirty.add(seriesId);
  };
  return {
    get isDirty() {
      return dirty.size > 0;
    },
    load: () => {
      const rows = db
        .prepare<[], [number, number, number | null, string | null]>('select series_id, ts, value, text from latest')
        .raw()
        .all();
      for (const [seriesId, ts, value, text] of rows) {
        newest.set(seriesId, { seriesId, ts, value: value ?? Number.NaN, text });
      }
    },
    set,
    apply: (batch) => {
      for (let row = 0; row < batch.length; row++) {
        const seriesId = batch.seriesIds[row] as number;
        set(seriesId, batch.timestamps[row] as number, batch.values[row] as number, batch.texts.get(row) ?? null);
      }
    },
    forget: (seriesIds) => {
      for (const seriesId of seriesIds) {
        newest.delete(seriesId);
        dirty.delete(seriesId);
      }
    },
    all: () => [...newest.values()],
    save: () => {
      for (const seriesId of dirty) {
        const sample = newest.get(seriesId);
        if (sample === undefined) continue;
        upsert.run(sample.ts, sample.text === null ? sample.value : null, sample.text, seriesId);
      }
    },
    saved: () => dirty.clear(),
  };
}
