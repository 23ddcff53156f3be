const PER_DOUBLING = 32;
const LEAST_MS = 0.001;
const BINS = PER_DOUBLING * 40;

/** Latencies in logarithmic bins 2.2 % wide: constant memory, however many are recorded. */
export interface Latencies {
  record(ms: number): void;
  clear(): void;
  /** The latency (ms) that the share `p` (0 to 1) does not exceed, or null when nothing was recorded. */
  percentile(p: number): number | null;
  readonly count: number;
}

export function createLatencies(): Latencies {
  const bins = new Uint32Array(BINS);
  let count = 0;
  return {
    record: (ms) => {
      const bin = Math.round(Math.log2(Math.max(LEAST_MS, ms) / LEAST_MS) * PER_DOUBLING);
      const index = Math.min(BINS - 1, bin);
      bins[index] = (bins[index] ?? 0) + 1;
      count++;
    },
    clear: () => {
      bins.fill(0);
      count = 0;
    },
    percentile: (p) => {
      let left = Math.ceil(count * p);
      if (left === 0) return null;
      const bin = bins.findIndex((size) => {
        left -= size;
        return left <= 0;
      });
      return Number((LEAST_MS * 2 ** (bin / PER_DOUBLING)).toPrecision(3));
    },
    get count() {
      return count;
    },
  };
}
