import type { Logger } from 'pino';
import { TooManyAttemptsError } from '../errors.js';

/** Wrong tries that one address has for one credential before it has to wait. */
export const MAX_ATTEMPTS = 10;
export const ATTEMPTS_WINDOW_MS = 5 * 60_000;

/** Pairs of address and credential that are remembered: whoever has more addresses is not held up by this. */
const MOST_REMEMBERED = 20_000;

/** Counts wrong credentials by address and by what they pretend to be: somebody who guesses one key neither locks out
 *  another one behind the same proxy, nor its right owner elsewhere. */
export interface Attempts {
  /** @throws {TooManyAttemptsError} while this address has to wait with this credential. */
  check(address: string, credential: string): void;
  /** @throws {TooManyAttemptsError} from the try on that is one too many. */
  wrong(address: string, credential: string): void;
  right(address: string, credential: string): void;
}

export function createAttempts(log: Logger, now: () => number = Date.now): Attempts {
  const known = new Map<string, { count: number; until: number }>();
  const keyOf = (address: string, credential: string) => `${address} ${credential}`;
  const entryOf = (key: string) => {
    const entry = known.get(key);
    if (entry === undefined || entry.until > now()) return entry;
    known.delete(key);
    return undefined;
  };
  const refuse = ({ until }: { until: number }) =>
    new TooManyAttemptsError(Math.ceil((until - now()) / 1000));
  return {
    check(address, credential) {
      const entry = entryOf(keyOf(address, credential));
      if (entry !== undefined && entry.count >= MAX_ATTEMPTS) throw refuse(entry);
    },
    wrong(address, credential) {
      const key = keyOf(address, credential);
      const entry = entryOf(key) ?? { count: 0, until: now() + ATTEMPTS_WINDOW_MS };
      entry.count += 1;
      if (known.size >= MOST_REMEMBERED) known.delete(known.keys().next().value ?? '');
      known.set(key, entry);
      if (entry.count <= MAX_ATTEMPTS)
        log.warn({ address, credential, count: entry.count }, 'a wrong credential');
      if (entry.count === MAX_ATTEMPTS) {
        log.warn(
          { address, credential, untilMs: entry.until },
          'too many wrong credentials: the address has to wait',
        );
      }
      if (entry.count > MAX_ATTEMPTS) throw refuse(entry);
    },
    right(address, credential) {
      known.delete(keyOf(address, credential));
    },
  };
}
