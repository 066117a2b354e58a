/** In milliseconds; null before anything was measured. */
export interface Percentiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

const KEPT = 1000;

/** The last thousand durations. */
export function createWindow() {
  const values: number[] = [];
  let next = 0;
  return {
    add(ms: number): void {
      values[next] = ms;
      next = (next + 1) % KEPT;
    },
    percentiles(): Percentiles {
      const sorted = [...values].sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
      return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
    },
  };
}
