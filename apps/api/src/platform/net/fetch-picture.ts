import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher, request } from 'undici';
import { systemErrorCode, TooLargeError, UnavailableError, ValidationError } from '../errors.js';

/** Fetches a picture from the web. `path` leads to the address in the input, for messages. */
export type PictureFetcher = (url: string, path: readonly string[]) => Promise<Uint8Array>;

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly maxRedirects: number;
}

const DEFAULT_LIMITS: FetchLimits = { maxBytes: 20 * 1024 * 1024, timeoutMs: 10_000, maxRedirects: 3 };

export interface FetcherOptions {
  readonly limits?: Partial<FetchLimits>;
  /** How names are resolved. */
  readonly lookup?: LookupFunction;
  /** Which addresses may be reached. */
  readonly isAllowed?: (address: string) => boolean;
}

/** An address that is not fetched, or that answers with something else than a picture. */
export class RefusedUrlError extends ValidationError {
  readonly reason: 'BAD_ADDRESS' | 'PRIVATE_ADDRESS' | 'BAD_STATUS' | 'TOO_MANY_REDIRECTS';
  /** What the address answered with, where it did. */
  readonly answered: number | null;

  constructor(reason: RefusedUrlError['reason'], path: readonly string[], message: string, status?: number) {
    super(`${path.join('.')}: ${message}`, [{ path, message }]);
    this.reason = reason;
    this.answered = status ?? null;
  }
}

/** Whether an address belongs to the public internet: not to this machine, its networks or its cloud. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv6) {
    if (address.isIPv4MappedAddress()) return isPublicAddress(address.toIPv4Address().toString());
    // 64:ff9b::/96 and its like carry an IPv4 address that a gateway would reach.
    return address.range() === 'unicast';
  }
  return address.range() === 'unicast';
}

/** A fetcher that never reaches a private address. The check is made on the very address that is connected to,
 *  so a name that resolves differently the next time gains nothing; each redirect is checked like a new address. */
export function createPictureFetcher(
  options: FetcherOptions = {},
): PictureFetcher & { close(): Promise<void> } {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const isAllowed = options.isAllowed ?? isPublicAddress;
  const agent = new Agent({
    connect: { lookup: guardedLookup(options.lookup ?? systemLookup, isAllowed), timeout: limits.timeoutMs },
    // A kept connection would outlive the check that was made for it.
    pipelining: 0,
  });
  const fetcher: PictureFetcher = async (url, path) => {
    const signal = AbortSignal.timeout(limits.timeoutMs);
    try {
      return await follow(url, path, { agent, limits, isAllowed, signal });
    } catch (error) {
      throw fetchFailure(error, path, signal);
    }
  };
  return Object.assign(fetcher, { close: () => agent.close() });
}

class RefusedAddressError extends Error {}

/** Resolves a name and hands on only if every address of it may be reached. */
function guardedLookup(lookup: LookupFunction, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    lookup(hostname, { ...lookupOptions, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error) return callback(error, []);
      if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) {
        return callback(new RefusedAddressError(hostname), []);
      }
      const [first] = addresses;
      if (lookupOptions.all || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

interface Follow {
  readonly agent: Agent;
  readonly limits: FetchLimits;
  readonly isAllowed: (address: string) => boolean;
  readonly signal: AbortSignal;
}

async function follow(start: string, path: readonly string[], { agent, limits, isAllowed, signal }: Follow) {
  let url = start;
  for (let hop = 0; hop <= limits.maxRedirects; hop++) {
    const target = checkUrl(url, path, isAllowed);
    const response = await request(target, {
      dispatcher: agent,
      signal,
      headers: { accept: 'image/*', 'user-agent': 'freestyle' },
    });
    const location = response.headers.location;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      discard(response);
      url = new URL(location, target).href;
      continue;
    }
    if (response.statusCode !== 200) {
      discard(response);
      const { statusCode } = response;
      throw new RefusedUrlError(
        'BAD_STATUS',
        path,
        `the address answered with status ${statusCode}`,
        statusCode,
      );
    }
    return readLimited(response, limits.maxBytes);
  }
  const often = `the address redirects more than ${limits.maxRedirects} times`;
  throw new RefusedUrlError('TOO_MANY_REDIRECTS', path, often);
}

/** A literal address is never resolved, so it is checked here. */
function checkUrl(text: string, path: readonly string[], isAllowed: (address: string) => boolean): URL {
  const url = URL.parse?.(text) ?? parseUrl(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const expected = 'expected an address that begins with http:// or https://';
    throw new RefusedUrlError('BAD_ADDRESS', path, expected);
  }
  if (url.username !== '' || url.password !== '') {
    const refused = 'an address with a user name or password is not fetched';
    throw new RefusedUrlError('BAD_ADDRESS', path, refused);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !isAllowed(host)) throw new RefusedAddressError(host);
  return url;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Ends a body that nobody will read. The error that this raises has no other listener, and would end the process. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => {});
  body.destroy();
}

async function readLimited(response: Dispatcher.ResponseData, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => {
    discard(response);
    return new TooLargeError(`The picture at the address has more than ${maxBytes} bytes.`);
  };
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > maxBytes) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function fetchFailure(error: unknown, path: readonly string[], signal: AbortSignal): Error {
  if (error instanceof ValidationError || error instanceof TooLargeError) return error;
  if (signal.aborted) return new UnavailableError('The address took too long to answer.', error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddressError) {
      const refused = 'the address leads into a private network, which is not fetched from';
      return new RefusedUrlError('PRIVATE_ADDRESS', path, refused);
    }
  }
  // What the resolver or the connection said names machines of this network; it stays in the log.
  const missing = systemErrorCode(error) === 'ENOTFOUND';
  const text = missing ? 'There is no such address.' : 'The address could not be reached.';
  return new UnavailableError(text, error);
}
