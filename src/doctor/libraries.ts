import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { AppError } from '../core/errors.ts';
import { checkRuntime, provideRuntime, unpackRuntime } from '../core/runtime.ts';
import type { DataDir } from '../store/data-dir.ts';
import { createQueryPool } from '../workers/workers.ts';
import { type Finding, failure, fine, warning } from './finding.ts';

const COPY_AGAIN = 'copy the executable here again, and check it against SHA256SUMS';

/** Compares every byte of what was unpacked with what was built, and replaces what is damaged. */
function checkUnpacked(directory: DataDir): Finding[] {
  provideRuntime(directory.runtime);
  const found = checkRuntime();
  if (found === null || found.damaged.length === 0) return [];
  const message = `damaged: ${found.damaged.join(', ')} in ${found.directory}`;
  if (!found.directory.startsWith(directory.runtime)) {
    return [failure('libraries', message, `remove ${found.directory} and install again`)];
  }
  unpackRuntime(directory.runtime);
  return [
    warning('libraries', `${message}; replaced`, 'restart the appliance, and look at the disk if it happens again'),
  ];
}

/** Whether SQLite, DuckDB and threads work on this machine, by letting them work. */
async function checkWorking(config: Config, directory: DataDir): Promise<Finding> {
  const scratch = mkdtempSync(join(directory.root, '.doctor-'));
  const pool = createQueryPool({ place: { hotDb: directory.hotDb }, limits: config.historian });
  try {
    const { sqlite, duckdb } = await pool.run('test_libraries', scratch);
    const where = checkRuntime()?.directory ?? 'node_modules';
    return fine('libraries', `SQLite ${sqlite} and DuckDB ${duckdb} work in a thread (from ${where})`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isExplained = error instanceof AppError && error.code === 'data_dir_unusable';
    const remedy = /disk is full|disk I\/O/.test(reason) ? 'free some space on the disk, then look again' : COPY_AGAIN;
    return failure(
      'libraries',
      `a library does not work: ${reason}`,
      isExplained ? 'do that, then look again' : remedy,
    );
  } finally {
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Native libraries: whole, and working. */
export async function checkLibraries(config: Config, directory: DataDir): Promise<Finding[]> {
  return [...checkUnpacked(directory), await checkWorking(config, directory)];
}
