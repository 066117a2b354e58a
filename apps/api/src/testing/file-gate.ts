import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 10;
const OPEN = 'open';

/** A gate for work in another process: a file says how many of its passes are let through since it started. */
export function createFileGate(path: string): { pass(signal?: AbortSignal): Promise<void> } {
  let passed = 0;
  return {
    async pass(signal) {
      const pass = passed++;
      while (!isOpenFor(path, pass)) {
        signal?.throwIfAborted();
        await sleep(LOOK_MS);
      }
    },
  };
}

function isOpenFor(path: string, pass: number): boolean {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '0';
  return text === OPEN || pass < Number(text);
}

/** Lets so many through in all, or everything. */
export const setFileGate = (path: string, passes: number | typeof OPEN): void =>
  writeFileSync(path, String(passes));
