import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Answers what is not the API's: the dashboard. */
export type DashboardHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What a page may load: from this server alone, and of scripts only the files and those that it was sent with. Styles
 *  may stand in elements, where the component library puts them. */
export const pagePolicy = (scriptHashes: readonly string[]): string =>
  [
    "default-src 'self'",
    `script-src ${["'self'", ...scriptHashes.map((hash) => `'sha256-${hash}'`)].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;

/** The scripts that stand in a page, each by its sha256 in base64. */
export const scriptHashesOf = (html: string): string[] => [
  ...new Set(
    [...html.matchAll(INLINE_SCRIPT)].map(([, script = '']) =>
      createHash('sha256').update(script).digest('base64'),
    ),
  ),
];

/** Serves pages with a policy of their own: a page is held until it is whole, so that the scripts in it are known, and no
 *  cache in between keeps it. */
export const withPageHeaders =
  (handler: DashboardHandler): DashboardHandler =>
  (request, response) => {
    // A packed page could not be read here; files are still packed.
    if (wantsPage(request)) delete request.headers['accept-encoding'];
    response.setHeader('content-security-policy', pagePolicy([]));
    holdPages(response);
    return handler(request, response);
  };

const wantsPage = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') ?? false;

type Writable = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>;

function holdPages(response: ServerResponse): void {
  const sent: Writable = {
    writeHead: response.writeHead.bind(response) as ServerResponse['writeHead'],
    write: response.write.bind(response) as ServerResponse['write'],
    end: response.end.bind(response) as ServerResponse['end'],
    flushHeaders: response.flushHeaders.bind(response),
  };
  let held: Buffer[] | null = null;
  let decided = false;
  const decide = () => {
    if (decided) return;
    decided = true;
    withoutSharedCaches(response);
    // Its headers would take the place of those that came with the page that the browser kept.
    if (response.statusCode === 304) response.removeHeader('content-security-policy');
    const isPage = String(response.getHeader('content-type') ?? '').startsWith('text/html');
    if (isPage && response.req.method !== 'HEAD' && response.getHeader('content-encoding') === undefined)
      held = [];
  };
  const overrides = {
    writeHead(status: number, ...rest: unknown[]) {
      const headers = rest.find((one) => typeof one === 'object' && one !== null) as
        | OutgoingHttpHeaders
        | undefined;
      for (const [name, value] of Object.entries(headers ?? {})) {
        if (value !== undefined) response.setHeader(name, value);
      }
      response.statusCode = status;
      decide();
      return held === null ? sent.writeHead(status) : response;
    },
    flushHeaders() {
      decide();
      if (held === null) sent.flushHeaders();
    },
    write(chunk: unknown, ...rest: unknown[]) {
      decide();
      if (held === null) return (sent.write as (...all: unknown[]) => boolean)(chunk, ...rest);
      held.push(bytesOf(chunk, rest[0]));
      callbackOf(rest)?.();
      return true;
    },
    end(...all: unknown[]) {
      decide();
      if (held === null) return (sent.end as (...all: unknown[]) => ServerResponse)(...all);
      const [chunk, encoding] = all;
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
        held.push(bytesOf(chunk, encoding));
      const page = Buffer.concat(held);
      held = null;
      response.removeHeader('transfer-encoding');
      response.setHeader('content-length', page.byteLength);
      response.setHeader('content-security-policy', pagePolicy(scriptHashesOf(page.toString('utf8'))));
      return sent.end(page, callbackOf(all));
    },
  };
  Object.assign(response, overrides);
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk !== 'string') return Buffer.from(chunk as Uint8Array);
  return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
}

const callbackOf = (all: readonly unknown[]): (() => void) | undefined =>
  all.find((one) => typeof one === 'function') as (() => void) | undefined;

/** A page that was made beforehand says that shared caches may keep it for a year: an upgrade would not be seen. Files
 *  with their hash in their name stay for ever. */
function withoutSharedCaches(response: ServerResponse): void {
  const said = String(response.getHeader('cache-control') ?? '');
  if (/s-maxage/i.test(said)) response.setHeader('cache-control', 'private, no-cache');
}
