import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubOptions, openModelHub, partialPath } from './model-hub.js';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const commit = 'c'.repeat(40);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let baseUrl = '';
let folder = '';
/** What the server does with a GET; each test sets it. */
let onGet: Handler;
/** Where a HEAD is sent on to; empty for an answer of the hub's own. */
let headRedirect = '';
let requests: {
  method: string;
  url: string;
  range: string | undefined;
  authorization: string | undefined;
}[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-'));
  requests = [];
  headRedirect = '';
  onGet = (request, response) => serve(request, response, content);
  server = createServer((request, response) => {
    const { range, authorization } = request.headers;
    requests.push({ method: request.method ?? '', url: request.url ?? '', range, authorization });
    if (request.method === 'GET') return onGet(request, response);
    if (!request.url?.includes('/resolve/')) return void response.writeHead(404).end();
    if (request.url.startsWith('/gated/')) return void response.writeHead(401).end();
    const description = {
      'x-linked-etag': `"${sha256}"`,
      'x-linked-size': content.length,
      'x-repo-commit': commit,
    };
    if (headRedirect) return void response.writeHead(302, { ...description, location: headRedirect }).end();
    response.writeHead(200, { ...description, 'content-length': content.length, etag: '"storage"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

function serve(request: IncomingMessage, response: ServerResponse, bytes: Buffer, cutAfter = Infinity): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': bytes.length - start, ...range });
  const part = bytes.subarray(start, start + cutAfter);
  if (part.length === bytes.length - start) return void response.end(part);
  // An orderly end of the connection in the middle of the body: what was sent arrives whole, however slow the machine.
  response.write(part, () => response.socket?.end());
}

async function withHub<T>(
  options: Partial<HubOptions>,
  use: (hub: ReturnType<typeof openModelHub>) => Promise<T>,
) {
  const hub = openModelHub({ cacheFolder: folder, baseUrl, retryDelayMs: 1, timeoutMs: 2000, ...options });
  try {
    return await use(hub);
  } finally {
    await hub.close();
  }
}

const request = { repo: 'owner/model', file: 'model.safetensors' };

describe('fetching', () => {
  it('goes on where the connection was cut, and ends with the right bytes', async () => {
    onGet = (req, res) => serve(req, res, content, 70_000);
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect((await readFile(path)).equals(content)).toBe(true);
    const ranges = requests.filter((r) => r.method === 'GET').map((r) => r.range);
    expect(ranges).toEqual([undefined, 'bytes=70000-', 'bytes=140000-', 'bytes=210000-', 'bytes=280000-']);
  });

  it('goes on in a new process after giving up, without fetching anything twice', async () => {
    let calls = 0;
    onGet = (req, res) => (calls++ === 0 ? serve(req, res, content, 200_000) : void res.destroy());
    await expect(withHub({}, (hub) => hub.fetch(request))).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
    onGet = (req, res) => serve(req, res, content);
    requests = [];
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect(requests.filter((r) => r.method === 'GET').map((r) => r.range)).toEqual(['bytes=200000-']);
    expect((await readFile(path)).equals(content)).toBe(true);
  });

  it('starts over when the server ignores the range', async () => {
    let calls = 0;
    onGet = (req, res) => {
      delete req.headers.range;
      serve(req, res, content, calls++ === 0 ? 1000 : Infinity);
    };
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect((await readFile(path)).equals(content)).toBe(true);
  });

  it('keeps nothing when the checksum does not fit', async () => {
    onGet = (req, res) => serve(req, res, Buffer.alloc(content.length));
    await expect(withHub({}, (hub) => hub.fetch(request))).rejects.toMatchObject({ code: 'HUB_CHECKSUM' });
    expect(await readdir(join(folder, 'owner--model', commit))).toEqual([]);
  });

  it('downloads once for two callers at the same time', async () => {
    await withHub({}, (hub) => Promise.all([hub.fetch(request), hub.fetch(request)]));
    expect(requests.filter((r) => r.method === 'GET')).toHaveLength(1);
  });

  it('downloads once for two processes at the same time, and both have the file', async () => {
    onGet = (req, res) => void setTimeout(() => serve(req, res, content), 50);
    // Nothing but the folder is common to two hubs, as to two processes.
    const fetched = await Promise.all([1, 2].map(() => withHub({}, (hub) => hub.fetch(request))));
    for (const { path } of fetched) expect((await readFile(path)).equals(content)).toBe(true);
    expect(requests.filter((r) => r.method === 'GET')).toHaveLength(1);
  });

  it('takes over from a process that was killed while it held the download', async () => {
    const lock = `${partialPath(join(folder, 'owner--model', commit, request.file), sha256)}.lock`;
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, '');
    await utimes(lock, 1, 1);
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect(await readdir(dirname(path))).toEqual([request.file]);
  });

  it('takes the file that another process finished meanwhile instead of its own failure', async () => {
    const path = join(folder, 'owner--model', commit, request.file);
    onGet = async (_, res) => {
      await writeFile(path, content);
      res.writeHead(404).end();
    };
    expect((await withHub({}, (hub) => hub.fetch(request))).path).toBe(path);
  });

  it('follows a redirect to storage and does not hand the token to it', async () => {
    const storage: (string | undefined)[] = [];
    const other = createServer((req, res) => {
      storage.push(req.headers.authorization);
      serve(req, res, content);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    onGet = (_, res) => void res.writeHead(302, { location: `http://127.0.0.1:${port}/blob` }).end();
    await withHub({ token: 'secret' }, (hub) => hub.fetch(request));
    await new Promise((resolve) => other.close(resolve));
    expect(requests.every((r) => r.authorization === 'Bearer secret')).toBe(true);
    expect(storage).toEqual([undefined]);
  });

  it('does not ask the storage about a file that the hub has described', async () => {
    headRedirect = 'http://127.0.0.1:9/storage';
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect((await readFile(path)).equals(content)).toBe(true);
  });

  it('goes through the proxy that it is given, and past it to the hosts that are excepted', async () => {
    const seen: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (req, client) => {
      seen.push(req.url ?? '');
      const [host, port] = (req.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const { path } = await withHub({ proxy: { http: `http://127.0.0.1:${port}` } }, (hub) =>
      hub.fetch(request),
    );
    const { path: direct } = await withHub(
      { cacheFolder: join(folder, 'other'), proxy: { http: 'http://127.0.0.1:9', no: '127.0.0.1' } },
      (hub) => hub.fetch(request),
    );
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    expect(new Set(seen)).toEqual(new Set([baseUrl.replace('http://', '')]));
    expect((await readFile(path)).equals(content)).toBe(true);
    expect((await readFile(direct)).equals(content)).toBe(true);
  });
});

describe('the cache', () => {
  it('answers when offline, and when the hub cannot be reached', async () => {
    const { path } = await withHub({}, (hub) => hub.fetch(request));
    expect((await withHub({ offline: true }, (hub) => hub.fetch(request))).path).toBe(path);
    const nowhere = { baseUrl: 'http://127.0.0.1:9' };
    expect((await withHub(nowhere, (hub) => hub.fetch(request))).path).toBe(path);
    await expect(withHub(nowhere, (hub) => hub.fetch({ ...request, file: 'other' }))).rejects.toMatchObject({
      code: 'HUB_OFFLINE',
    });
  });

  it('says what is missing when offline', async () => {
    await expect(withHub({ offline: true }, (hub) => hub.fetch(request))).rejects.toMatchObject({
      code: 'HUB_OFFLINE',
    });
  });

  it('needs no request at all for a pinned commit', async () => {
    await withHub({}, (hub) => hub.fetch({ ...request, revision: commit }));
    requests = [];
    await withHub({}, (hub) => hub.fetch({ ...request, revision: commit }));
    expect(requests).toEqual([]);
  });
});

describe('errors', () => {
  it.each([
    ['a model that is not there', { repo: 'owner/model', file: 'x.bin' }, 404, 'HUB_NOT_FOUND'],
    ['a gated model', { repo: 'gated/model', file: 'x.bin' }, 401, 'HUB_GATED'],
    ['a broken server', { repo: 'owner/model', file: 'x.bin' }, 503, 'HUB_UNREACHABLE'],
  ])('%s has its own code', async (_, file, status, code) => {
    onGet = (__, res) => void res.writeHead(status).end();
    await expect(withHub({}, (hub) => hub.fetch(file))).rejects.toMatchObject({ code });
  });

  it('a hub that does not answer is told from a hub without the model', async () => {
    await expect(
      withHub({ baseUrl: 'http://127.0.0.1:9' }, (hub) => hub.fetch(request)),
    ).rejects.toMatchObject({
      code: 'HUB_UNREACHABLE',
    });
  });

  it.skipIf(process.platform !== 'linux')('a full disk is named as such', async () => {
    const partial = partialPath(join(folder, 'owner--model', commit, request.file), sha256);
    await mkdir(dirname(partial), { recursive: true });
    await symlink('/dev/full', partial);
    await expect(withHub({}, (hub) => hub.fetch(request))).rejects.toMatchObject({ code: 'HUB_DISK_FULL' });
  });

  it.each(['../../etc', 'a/b/c', 'a/..', ''])('the name "%s" never becomes a path', async (repo) => {
    await expect(withHub({}, async (hub) => hub.fetch({ ...request, repo }))).rejects.toMatchObject({
      code: 'HUB_NAME',
    });
    expect(requests).toEqual([]);
  });
});
