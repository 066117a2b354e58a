import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { HubError } from './hub-error.js';

/** Proxies to go through, as the usual environment variables spell them; none by default. */
export interface ProxySettings {
  readonly http?: string;
  readonly https?: string;
  /** Hosts reached directly, comma-separated. */
  readonly no?: string;
}

/** One hub's connection: where requests go through, and how they identify themselves. */
export interface HubConnection {
  readonly dispatcher: Dispatcher;
  readonly token: string | undefined;
}

/** Response to a request whose redirects were followed. */
export interface HubResponse {
  readonly status: number;
  /** Lower-case names; of several values the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Headers of the first response, before any redirect: a hub describes the file there and the storage behind does not. */
  readonly firstHeaders: ReadonlyMap<string, string>;
  readonly body: Dispatcher.ResponseData['body'];
}

/** Signed storage addresses take one hop, mirrors two or three. */
const MAX_REDIRECTS = 10;

/** Opens a pool of connections. Empty strings keep the library from looking into the environment by itself. */
export function openConnection(
  proxy: ProxySettings,
  token: string | undefined,
  timeoutMs: number,
): HubConnection {
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: proxy.http ?? '',
    httpsProxy: proxy.https ?? '',
    noProxy: proxy.no ?? '',
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: timeoutMs,
  });
  return { dispatcher, token };
}

/** Sends a request and follows redirects, a HEAD only as long as they stay on the first origin; the token never
 *  leaves that origin.
 *  Network errors come through as they are, statuses are the caller's to judge. */
export async function hubRequest(
  connection: HubConnection,
  method: 'HEAD' | 'GET',
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<HubResponse> {
  let current = url;
  let firstHeaders: ReadonlyMap<string, string> | undefined;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const authorization =
      connection.token && current.origin === url.origin
        ? { authorization: `Bearer ${connection.token}` }
        : {};
    const response = await request(current, {
      method,
      dispatcher: connection.dispatcher,
      // Sizes and ranges are those of the stored bytes, so no transfer compression.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'freestyle', ...authorization, ...headers },
    });
    const received = headerMap(response.headers);
    firstHeaders ??= received;
    const location = received.get('location');
    const next = location === undefined ? undefined : new URL(location, current);
    const isRedirect = response.statusCode >= 300 && response.statusCode <= 399 && next !== undefined;
    // Storage behind a hub signs its addresses for GET only, and tells nothing that the hub has not told.
    const isStorage = method === 'HEAD' && next?.origin !== url.origin;
    if (!isRedirect || isStorage) {
      return { status: response.statusCode, headers: received, firstHeaders, body: response.body };
    }
    await response.body.dump();
    current = next;
  }
  throw new HubError(
    'HUB_RESPONSE',
    url.href,
    `more than ${MAX_REDIRECTS} redirects; check the hub's address`,
  );
}

function headerMap(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) map.set(name.toLowerCase(), first);
  }
  return map;
}
