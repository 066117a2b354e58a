/** Holds work at a point until a test lets it on: so that a test that stops, kills or pauses work never has to be faster
 *  than it. */
export interface Gate {
  /** Called by the work: waits to be let through. @throws the signal's reason when that fires first. */
  pass(signal?: AbortSignal): Promise<void>;
  /** Resolves when somebody stands at the gate. */
  arrived(): Promise<void>;
  /** Lets so many through, now or when they come. */
  letThrough(count: number): void;
  /** Stays open from now on. */
  open(): void;
  /** Holds whoever comes from now on. */
  close(): void;
}

export function createGate(): Gate {
  const waiting = new Set<() => void>();
  const watching = new Set<() => void>();
  let permits = 0;
  const release = () => {
    for (const go of waiting) {
      if (permits <= 0) return;
      permits -= 1;
      waiting.delete(go);
      go();
    }
  };
  return {
    pass: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const stop = () => {
          waiting.delete(go);
          reject(signal?.reason);
        };
        const go = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        signal?.addEventListener('abort', stop, { once: true });
        waiting.add(go);
        release();
        if (!waiting.has(go)) return;
        for (const tell of watching) tell();
        watching.clear();
      }),
    arrived: () =>
      new Promise((resolve) => {
        if (waiting.size > 0) resolve();
        else watching.add(resolve);
      }),
    letThrough(count) {
      permits += count;
      release();
    },
    open() {
      permits = Number.POSITIVE_INFINITY;
      release();
    },
    close() {
      permits = 0;
    },
  };
}
