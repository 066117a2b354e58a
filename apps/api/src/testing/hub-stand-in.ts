import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A model hub on this machine: it serves the files of folders as the real one does. */
export interface HubStandIn {
  readonly baseUrl: string;
  /** Ends the connection after so many bytes of a file's body; null lets all through. */
  cut(afterBytes: number | null): void;
  /** `GET` of the repository's files, with the range that was asked for. */
  readonly requests: readonly { readonly file: string; readonly range: string | null }[];
  close(): Promise<void>;
}

/** @param repos folder of each repository by its name, `owner/name`. */
export async function startHubStandIn(repos: Readonly<Record<string, string>>): Promise<HubStandIn> {
  let cutAfter: number | null = null;
  const requests: { file: string; range: string | null }[] = [];
  const server = createServer(async (request, response) => {
    const [, owner = '', name = '', resolve, , ...path] = decodeURIComponent(request.url ?? '').split('/');
    const folder = repos[`${owner}/${name}`];
    const file = path.join('/');
    const bytes =
      folder && resolve === 'resolve' ? await readFile(join(folder, file)).catch(() => null) : null;
    if (bytes === null) return void response.writeHead(404).end();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const described = {
      etag: `"${sha256}"`,
      'x-linked-etag': `"${sha256}"`,
      'x-repo-commit': 'c'.repeat(40),
    };
    if (request.method === 'HEAD') {
      const size = { 'content-length': bytes.length, 'x-linked-size': bytes.length };
      return void response.writeHead(200, { ...described, ...size }).end();
    }
    const range = request.headers.range ?? null;
    requests.push({ file, range });
    send(response, bytes, Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0), described);
  });
  const send = (response: ServerResponse, bytes: Buffer, start: number, headers: Record<string, string>) => {
    const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, {
      ...headers,
      ...range,
      'content-length': bytes.length - start,
    });
    const rest = bytes.subarray(start);
    if (cutAfter === null || rest.length <= cutAfter) response.end(rest);
    // An orderly end in the middle of the body: what was sent arrives whole.
    else response.write(rest.subarray(0, cutAfter), () => response.socket?.end());
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(afterBytes) {
      cutAfter = afterBytes;
    },
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
