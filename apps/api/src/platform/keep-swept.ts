import type { Logger } from 'pino';

/** Once an hour: what is deleted has lain there for hours or weeks. */
const SWEEP_MS = 3_600_000;

/** Clears what nobody needs any more out of the data folder, now and every hour; a failure is logged.
 *  @returns what ends that. */
export function keepSwept(sweeps: readonly (() => Promise<unknown>)[], log: Logger): () => Promise<void> {
  const sweep = () => {
    for (const one of sweeps) {
      one().catch((error: unknown) => log.warn({ err: error }, 'old files were not deleted'));
    }
  };
  sweep();
  const timer = setInterval(sweep, SWEEP_MS);
  timer.unref();
  return async () => clearInterval(timer);
}
