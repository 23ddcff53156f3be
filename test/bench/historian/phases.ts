import type { Figures } from '../flood.ts';
import { forgetPeakRss, processFigures } from '../process-figures.ts';

const MIB = 1_048_576;
const STILL_THERE_MS = 30_000;

/** What one run of one subject goes through, one after the other. */
export interface Phases {
  /** Runs `work` and says on the way that it goes on. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** The most memory the process had in each phase (`<name>_peak_rss_mib`) and in any of them, and what it has now. */
  rss(): Figures;
}

/** The first phase begins where the process did. Mapped files count, as far as they are in memory. */
export function createPhases(pid: number, say: (text: string) => void): Phases {
  const peaks = new Map<string, number>();
  return {
    run: async (name, work) => {
      const startedAt = performance.now();
      const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
      const title = name.replaceAll('_', ' ');
      const timer = setInterval(() => say(`${title}: ${seconds()} so far`), STILL_THERE_MS);
      try {
        const result = await work();
        const peak = Math.round(processFigures(pid).peakRssBytes / MIB);
        peaks.set(name, peak);
        say(`${title}: ${seconds()}, at most ${peak} MiB`);
        forgetPeakRss(pid);
        return result;
      } finally {
        clearInterval(timer);
      }
    },
    rss: () => {
      const { rssBytes, rssFileBytes } = processFigures(pid);
      return {
        ...Object.fromEntries([...peaks].map(([name, peak]) => [`${name}_peak_rss_mib`, peak])),
        peak_rss_mib: Math.max(...peaks.values()),
        rss_mib: Math.round(rssBytes / MIB),
        rss_file_mib: Math.round(rssFileBytes / MIB),
      };
    },
  };
}
