import { TooLargeError, UnavailableError, ValidationError } from '../../../platform/errors.js';
import { type PictureFetcher, RefusedUrlError } from '../../../platform/net/fetch-picture.js';
import { ItemRefusal } from './read-source.js';

/** Fetches the picture of a ledger entry. @throws {ItemRefusal} */
export type FetchItem = (url: string) => Promise<Uint8Array>;

// Of one host: what a browser would ask for at once, and less.
const PER_HOST = 4;

/** Fetches pictures for an import: never from a private network, and never many at once from the same host. */
export function createItemFetcher(fetchPicture: PictureFetcher): FetchItem {
  const hosts = new Map<string, { busy: number; waiting: (() => void)[] }>();
  return async (url) => {
    const host = hostOf(url);
    const queue = hosts.get(host) ?? { busy: 0, waiting: [] };
    hosts.set(host, queue);
    if (queue.busy >= PER_HOST) await new Promise<void>((free) => queue.waiting.push(free));
    else queue.busy += 1;
    try {
      return await fetchPicture(url, ['url']);
    } catch (error) {
      throw refusalOf(error);
    } finally {
      // Whoever waits takes the place over.
      const next = queue.waiting.shift();
      if (next) next();
      else queue.busy -= 1;
      if (queue.busy === 0) hosts.delete(host);
    }
  };
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return '';
  }
}

function refusalOf(error: unknown): ItemRefusal {
  if (error instanceof RefusedUrlError) {
    // Too many requests, or a fault over there: later it may work.
    const status = error.answered ?? 0;
    const later = status === 408 || status === 429 || status >= 500;
    return new ItemRefusal(later ? 'FAILED' : 'REJECTED', error.reason, textOf(error));
  }
  if (error instanceof ValidationError) return new ItemRefusal('REJECTED', 'BAD_ADDRESS', textOf(error));
  if (error instanceof TooLargeError) return new ItemRefusal('REJECTED', 'TOO_LARGE', error.message);
  if (error instanceof UnavailableError) return new ItemRefusal('FAILED', 'NOT_FETCHED', error.message);
  return new ItemRefusal('FAILED', 'NOT_FETCHED', 'the address could not be fetched');
}

const textOf = ({ issues, message }: ValidationError): string => issues[0]?.message ?? message;
