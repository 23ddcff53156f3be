import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDatabase } from '../store/sqlite.ts';
import { type IsCancelled, openScratch } from './segment-file.ts';
import { quoted } from './segment-sql.ts';

/** Whose series are to be listed, and where from. */
export interface SeriesListOrder {
  /** The data directory. */
  readonly root: string;
  readonly hotDb: string;
  readonly controlDb: string;
  readonly factoryId: number;
}

const COLUMNS = ['factory', 'device', 'device_name', 'parameter', 'display_name', 'unit', 'kind'] as const;

type Row = readonly [seriesId: number, ...names: (string | null)[]];

/** What people call a series, by device key and parameter. */
function namesOf(controlDb: string, factoryId: number) {
  const db = openDatabase(controlDb, { readonly: true });
  try {
    const factory = db.prepare<[number], string>('select slug from factories where id = ?').pluck().get(factoryId);
    const rows = db
      .prepare<[number], { key: string; device: string; name: string; display: string | null; unit: string | null }>(
        `select d.key, d.name as device, p.name, p.display_name as display, p.unit
         from parameters p join devices d on d.factory_id = p.factory_id and d.id = p.device_id
         where p.factory_id = ?`,
      )
      .all(factoryId);
    const merged = db
      .prepare<[number], [number, string, string]>(
        `select m.series_id, d.key, m.parameter from merged_series m
         join devices d on d.factory_id = m.factory_id and d.id = m.device_id where m.factory_id = ?`,
      )
      .raw()
      .all(factoryId);
    return {
      factory,
      owners: new Map(merged.map(([seriesId, key, parameter]) => [seriesId, { key, parameter }])),
      byName: new Map(rows.map((row) => [`${row.key}\n${row.name}`, row])),
    };
  } finally {
    db.close();
  }
}

/**
 * Writes `series.parquet` beside a factory's segments: for each `series_id` the factory, device and parameter that it
 * belongs to, so that any tool that reads Parquet can join them. Not the truth, but a copy of it for others; it is
 * written anew when segments are.
 *
 * @throws {Error} when it could not be written; the one before is there then
 */
export async function writeSeriesList(order: SeriesListOrder, isCancelled: IsCancelled = () => false): Promise<null> {
  const { root, hotDb, controlDb, factoryId } = order;
  const { factory, owners, byName } = namesOf(controlDb, factoryId);
  if (factory === undefined) return null;
  const hot = openDatabase(hotDb, { readonly: true });
  let rows: Row[];
  try {
    rows = hot
      .prepare<[number], [number, string, string, string]>(
        'select series_id, device_key, parameter, kind from series where factory_id = ? order by series_id',
      )
      .raw()
      .all(factoryId)
      .map(([seriesId, bornUnder, bornAs, kind]): Row => {
        const { key, parameter } = owners.get(seriesId) ?? { key: bornUnder, parameter: bornAs };
        const known = byName.get(`${key}\n${parameter}`);
        return [
          seriesId,
          factory,
          key,
          known?.device || key,
          parameter,
          known?.display ?? null,
          known?.unit ?? null,
          kind,
        ];
      });
  } finally {
    hot.close();
  }
  const { INTEGER, VARCHAR, DuckDBDataChunk } = await import('@duckdb/node-api');
  using duck = await openScratch(root, isCancelled);
  const { connection } = duck;
  await connection.run(`create table list (series_id integer, ${COLUMNS.map((name) => `${name} varchar`).join(', ')})`);
  const appender = await connection.createAppender('list');
  for (let start = 0; start < rows.length; start += 2_048) {
    const part = rows.slice(start, start + 2_048);
    const chunk = DuckDBDataChunk.create([INTEGER, ...COLUMNS.map(() => VARCHAR)], part.length);
    chunk.setRows(part.map((row) => [...row]));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const path = join(root, `factories/${factoryId}/segments/series.parquet`);
  const temporary = `${path}.tmp`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await connection.run(
      `copy (from list order by series_id) to ${quoted(temporary)} (format parquet, compression zstd)`,
    );
    const descriptor = openSync(temporary, 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return null;
}
