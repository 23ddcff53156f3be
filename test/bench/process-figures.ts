import { readFileSync, writeFileSync } from 'node:fs';

/** Kernel ticks a second in /proc/<pid>/stat: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Memory and processor time of a process, all its threads together. */
export interface ProcessFigures {
  readonly rssBytes: number;
  /** Of which files that are mapped: libraries, and what a store maps of its own. */
  readonly rssFileBytes: number;
  /** The most it was since the start, or since `forgetPeakRss`. */
  readonly peakRssBytes: number;
  /** User and system time since its start (s). */
  readonly cpuSeconds: number;
}

/** Reads /proc (Linux only). */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
  const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime, counted from the field after the name
  return {
    rssBytes: kilobytes('VmRSS') * 1_024,
    rssFileBytes: kilobytes('RssFile') * 1_024,
    peakRssBytes: kilobytes('VmHWM') * 1_024,
    cpuSeconds: ticks / TICKS_PER_SECOND,
  };
}

/** What `clear_refs` takes to forget the peak, and nothing else (proc(5)). */
const RESET_PEAK = '5';

/** Counts the peak of a process of the same user from now on. */
export function forgetPeakRss(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
}
