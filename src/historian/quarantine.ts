import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a segment's file (below the data directory, with `/`) lies while it is in quarantine: beside the segments. */
export const quarantineOf = (file: string): string => file.replace('/segments/', '/quarantine/');

/** Moves a file into quarantine; one that is missing, or cannot be moved, is left as it is. */
export function moveToQuarantine(root: string, file: string): void {
  const target = join(root, quarantineOf(file));
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    renameSync(join(root, file), target);
  } catch {
    // The catalogue keeps it out of the answers all the same.
  }
}

/** Moves a file back to where the catalogue says it is. @throws when it cannot be moved */
export function moveBack(root: string, file: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true, mode: 0o700 });
  renameSync(join(root, quarantineOf(file)), join(root, file));
}

/** Removes what is left in quarantine of a file that is whole where it belongs. */
export const clearQuarantine = (root: string, file: string): void =>
  rmSync(join(root, quarantineOf(file)), { force: true });
