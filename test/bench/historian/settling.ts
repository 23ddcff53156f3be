import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 500;
const GIVE_UP_MS = 45 * 60_000;
/** Unit of `Stats.blocks`, whatever the file system's own block is. */
const BLOCK_BYTES = 512;

/** What `state` says, when it has not changed for `quietMs` and is `isDone`. */
export interface Quiet<State> {
  readonly state: State;
  /** Until the last change (s). */
  readonly seconds: number;
}

/**
 * Polls until nothing changes any more.
 *
 * @throws {Error} with the last state when that takes longer than 45 minutes
 */
export async function untilQuiet<State>(
  state: () => State,
  quietMs: number,
  isDone: (state: State) => boolean = () => true,
): Promise<Quiet<State>> {
  const startedAt = performance.now();
  let [last, changedAt] = [state(), startedAt];
  while (performance.now() - startedAt < GIVE_UP_MS) {
    await delay(POLL_MS);
    const now = state();
    if (JSON.stringify(now) !== JSON.stringify(last)) [last, changedAt] = [now, performance.now()];
    if (performance.now() - changedAt >= quietMs && isDone(last)) {
      return { state: last, seconds: (changedAt - startedAt) / 1_000 };
    }
  }
  throw new Error(`it does not settle: ${JSON.stringify(last)}`);
}

/** Sizes of the files below a directory whose path matches. Files that go while they are counted count as nothing. */
export function filesBelow(directory: string, pattern = /./): { files: number; bytes: number; allottedBytes: number } {
  const total = { files: 0, bytes: 0, allottedBytes: 0 };
  const entries: Dirent[] = readdirSync(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !pattern.test(path)) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    total.files++;
    total.bytes += stats.size;
    total.allottedBytes += stats.blocks * BLOCK_BYTES;
  }
  return total;
}
