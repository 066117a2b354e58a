/** Items a second, weighted towards the last half minute: an average over the whole run would hide a slow-down. */
export interface RateMeter {
  /** Counts items that were concluded now. @returns the rate, or null while there is too little to tell. */
  add(items: number): number | null;
}

const HALF_LIFE_MS = 15_000;

export function createRateMeter(now: () => number = () => performance.now()): RateMeter {
  let last = now();
  let items = 0;
  let elapsedMs = 0;
  return {
    add(count) {
      const passed = now() - last;
      last += passed;
      const kept = 0.5 ** (passed / HALF_LIFE_MS);
      items = items * kept + count;
      elapsedMs = elapsedMs * kept + passed;
      return elapsedMs < 1 ? null : (items * 1000) / elapsedMs;
    },
  };
}
