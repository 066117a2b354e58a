// Over 400 lines: one server over HTTP, which takes seconds to start, answers all of these.
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { EmbeddingModel } from '@freestyle/core';
import { readImageInfo } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from '../../create-server.js';
import { jpeg, patches, plain, png, writeFiles, writePatches } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { copyTemplate, NO_SETTINGS, startTestServer, type TestServer } from '../../testing/test-server.js';
import { contentHash } from '../storage/blob-store.js';

const ADMIN_TOKEN = 'a-token-of-the-tests';
let server: TestServer;
let picture: Uint8Array;
let hash = '';
let crash: Error | null = null;
let loadedLater: ((error: Error) => void) | undefined;

beforeAll(async () => {
  const encoder = createTestEncoder();
  const model: EmbeddingModel = {
    ...encoder,
    encodeTexts: (texts) => (crash ? Promise.reject(crash) : encoder.encodeTexts(texts)),
  };
  server = await startTestServer({
    model,
    settings: { ...NO_SETTINGS, adminToken: ADMIN_TOKEN, trustLoopback: true, logLevel: 'silent' },
    dashboardHandler: (request, response) => response.end(`dashboard at ${request.url}`),
  });
  picture = await jpeg(patches(1, 640));
  hash = contentHash(picture);
  await writeFiles(join(server.folder, 'photos'), { 'one.jpg': picture });
  await (await server.importFolder(join(server.folder, 'photos'))).finished();
});
afterAll(() => server.dispose());

/** A request with headers of one's own choice, which `fetch` does not let one set. */
function send(path: string, headers: Record<string, string>, body = '', method = 'POST') {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = httpRequest(`${server.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

const json = { 'content-type': 'application/json' };
const viewer = JSON.stringify({ query: '{ viewer { name role } }' });

describe('who is asking', () => {
  it('is the local administrator on this machine where loopback is trusted', async () => {
    const { data } = await server.query('{ viewer { name role } }');
    expect(data).toEqual({ viewer: { name: 'local', role: 'ADMIN' } });
  });

  it.each<[string, Record<string, string>]>([
    ['a proxy passes the request on', { 'x-forwarded-for': '203.0.113.9' }],
    ['a proxy says so in the standard way', { forwarded: 'for=203.0.113.9' }],
    ['a foreign name was pointed at this machine', { host: 'evil.example' }],
    ['a token is sent in another way', { authorization: 'Basic eHg6eHg=' }],
    ['a wrong token is sent', { authorization: 'Bearer wrong' }],
  ])('is nobody where %s', async (_name, headers) => {
    const { text } = await send('/graphql', { ...json, ...headers }, viewer);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const schema = JSON.stringify({ query: '{ __schema { types { name } } }' });
    expect((await send('/graphql', { ...json, ...headers }, schema)).text).toContain('UNAUTHENTICATED');
    const page = await send('/graphql', { accept: 'text/html', ...headers }, '', 'GET');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Sign in')]);
    expect(page.text).not.toContain('type Query');
    for (const path of [
      `/files/${hash}`,
      `/thumbnails/256/${hash}`,
      `/uploads/${hash}`,
      `/uploads/${hash}/thumbnail`,
    ]) {
      expect((await send(path, headers, '', 'GET')).status, path).toBe(401);
    }
    expect((await send('/uploads', headers, 'x')).status).toBe(401);
  });

  it('may read the schema in a browser', async () => {
    const { text } = await send('/graphql', { accept: 'text/html' }, '', 'GET');
    expect(text).toContain('type Query');
  });

  it('is an administrator from anywhere with the admin token', async () => {
    const headers = { ...json, host: 'photos.example', authorization: `Bearer ${ADMIN_TOKEN}` };
    const { text } = await send('/graphql', headers, viewer);
    expect(JSON.parse(text)).toMatchObject({ data: { viewer: { name: 'admin token', role: 'ADMIN' } } });
  });
});

describe('a browser that has signed in', () => {
  it('is an administrator, but no page of another site can use its session', async () => {
    const elsewhere = { ...json, host: 'photos.example' };
    const response = await fetch(`${server.url}/session`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { text } = await send('/graphql', { ...elsewhere, cookie }, viewer);
    expect(JSON.parse(text)).toMatchObject({ data: { viewer: { name: 'admin token', role: 'ADMIN' } } });
    expect((await send(`/files/${hash}`, { host: 'photos.example', cookie }, '', 'GET')).status).toBe(200);
    const foreign = { ...elsewhere, cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await send('/graphql', foreign, viewer)).status).toBe(403);
  });
});

describe('a page of another site', () => {
  it('cannot show the dashboard inside its own', async () => {
    expect((await fetch(server.url)).headers.get('x-frame-options')).toBe('DENY');
  });

  it.each<[string, Record<string, string>]>([
    ['a form', { 'content-type': 'text/plain' }],
    ['a form of fields', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('cannot send an operation with %s', async (_name, headers) => {
    const { status } = await send('/graphql', headers, viewer);
    expect(status).toBe(400);
  });

  it('cannot send one as JSON, nor upload, even where its browser lets it', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await send('/graphql', { ...json, ...foreign }, viewer)).status).toBe(403);
    expect((await send('/uploads', { 'content-type': 'image/jpeg', ...foreign }, 'x')).status).toBe(403);
    expect((await send('/graphql', { ...json, 'sec-fetch-site': 'same-site' }, viewer)).status).toBe(403);
    expect((await send('/graphql', { ...json, origin: server.url }, viewer)).status).toBe(200);
  });

  it('cannot read by a plain link', async () => {
    const path = `/graphql?query=${encodeURIComponent('{ viewer { name } }')}`;
    expect((await send(path, { accept: 'application/json' }, '', 'GET')).status).toBe(400);
  });
});

describe('an operation that asks for too much', () => {
  const codeOf = async (query: string) => (await server.query(query)).errors?.[0]?.extensions.code;

  it('is refused for its depth', async () => {
    const nested = (levels: number): string =>
      levels === 0 ? 'id' : `id latestJob { dataset { ${nested(levels - 1)} } }`;
    expect(await codeOf(`{ datasets { edges { node { ${nested(3)} } } } }`)).toBeUndefined();
    expect(await codeOf(`{ datasets { edges { node { ${nested(5)} } } } }`)).toBe('QUERY_TOO_COMPLEX');
  });

  it('is refused for its cost: pages of pages, and a search under many names', async () => {
    expect(
      await codeOf(
        '{ jobs(first: 100) { edges { node { rejects(first: 100) { edges { node { path } } } } } } }',
      ),
    ).toBe('QUERY_TOO_COMPLEX');
    const searches = Array.from(
      { length: 40 },
      (_, i) => `s${i}: search(query: { all: [{ text: "a" }] }, first: 100) { edges { score rank cursor } }`,
    );
    expect(await codeOf(`{ ${searches.join(' ')} }`)).toBe('QUERY_TOO_COMPLEX');
  });

  it('is refused for its length and its number of words', async () => {
    expect(await codeOf(`{ viewer { ${'name '.repeat(2500)} } }`)).toBe('GRAPHQL_PARSE_FAILED');
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query: `# ${'x'.repeat(30_000)}\n{ viewer { name } }` }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_LARGE' } }] });
  });

  it('is refused for pages larger than allowed', async () => {
    expect(await codeOf('{ datasets(first: 101) { pageInfo { hasNextPage } } }')).toBe('BAD_USER_INPUT');
    expect(await codeOf('{ datasets(first: -1) { pageInfo { hasNextPage } } }')).toBe('BAD_USER_INPUT');
    expect(await codeOf('{ datasets(after: "what?") { pageInfo { hasNextPage } } }')).toBe('BAD_USER_INPUT');
  });
});

describe('an error', () => {
  it('that nobody expected is masked, and named so that the log can be searched for it', async () => {
    crash = new Error('password of the database: hunter2');
    const { data, errors } = await server.query(
      '{ search(query: { all: [{ text: "a" }] }) { galleryCount } }',
    );
    crash = null;
    expect(data).toEqual({ search: null });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      traceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('in a cursor, which is of another list, is an answer and not a fault', async () => {
    const cursor = (key: string) => Buffer.from(`k1:${key}`).toString('base64url');
    const uuid = '018f0000-0000-7000-8000-000000000000';
    const rejects = (after: string) =>
      `jobs { edges { node { rejects(after: "${after}") { totalCount } } } }`;
    const ofDataset = (field: string, after: string) =>
      `datasets { edges { node { ${field}(after: "${after}") { totalCount } } } }`;
    for (const wrong of [
      `datasets(after: "${cursor('7')}") { totalCount }`,
      `datasets(last: 2, before: "${cursor(`${uuid}:${uuid}`)}") { totalCount }`,
      `jobs(after: "${cursor('7')}") { edges { cursor } }`,
      rejects(cursor(uuid)),
      rejects(cursor('99999999999999999999')),
      ...['images', 'changes', 'versions'].map((field) => ofDataset(field, cursor('x'))),
      ofDataset('leaks', cursor(uuid)),
    ]) {
      const { errors } = await server.query(`{ ${wrong} }`);
      expect(errors?.[0]?.extensions.code, wrong).toBe('BAD_USER_INPUT');
    }
  });

  it('in the id of a dataset finds no jobs', async () => {
    const datasetId = Buffer.from('Dataset:abc').toString('base64');
    const { data } = await server.query(`{ jobs(datasetId: "${datasetId}") { edges { cursor } } }`);
    expect(data).toEqual({ jobs: { edges: [] } });
  });

  it.each(['/files/%E0%A4%A', '/uploads/%', '/exports/%E0.zip', '/jobs/%E0/rejects.csv'])(
    'in an address is an answer and not a fault: %s',
    async (path) => {
      const { status, text } = await send(path, {}, '', 'GET');
      expect([status, JSON.parse(text)]).toMatchObject([400, { code: 'BAD_REQUEST' }]);
    },
  );

  it('in an id is an answer and not a fault', async () => {
    const id = (text: string) => Buffer.from(text).toString('base64');
    for (const wrong of ['Image:x', 'Image:018f0000-0000-7000-8000-000000000000']) {
      const { data, errors } = await server.query(
        'query ($id: ID!) { image(id: $id) { id } node(id: $id) { id } }',
        {
          id: id(wrong),
        },
      );
      expect({ data, errors }).toEqual({ data: { image: null, node: null }, errors: undefined });
    }
    for (const wrong of [id('Dataset:x'), 'rubbish', '', id('Nothing:1')]) {
      const { errors } = await server.query('query ($id: ID!) { image(id: $id) { id } }', { id: wrong });
      expect(errors?.[0]?.extensions.code, wrong).toBe('BAD_USER_INPUT');
    }
  });

  it('of a mutation is data', async () => {
    const { data } = await server.query(
      `mutation ($missing: ID!) {
        a: importFolder(input: { path: "relative" }) { __typename ... on ValidationError { code issues { path } } }
        b: importFolder(input: { path: "/no/such/folder" }) { __typename ... on Error { code message } }
        c: cancelJob(id: $missing) { __typename ... on NotFoundError { code } } }`,
      { missing: Buffer.from('Job:018f0000-0000-7000-8000-000000000000').toString('base64') },
    );
    expect(data).toEqual({
      a: { __typename: 'ValidationError', code: 'BAD_USER_INPUT', issues: [{ path: ['path'] }] },
      b: { __typename: 'NotFoundError', code: 'NOT_FOUND', message: 'There is no folder /no/such/folder.' },
      c: { __typename: 'NotFoundError', code: 'NOT_FOUND' },
    });
  });
});

describe('pictures', () => {
  it('come back byte for byte, to be kept for ever by the browser that asked', async () => {
    const { data } = await server.query<{
      datasets: {
        edges: {
          node: {
            images: { edges: { node: { fileUrl: string; thumbnailUrl: string; contentHash: string } }[] };
          };
        }[];
      };
    }>(
      '{ datasets { edges { node { images { edges { node { fileUrl thumbnailUrl(size: 200) contentHash } } } } } } }',
    );
    const node = data?.datasets.edges[0]?.node.images.edges[0]?.node;
    expect(node).toEqual({
      fileUrl: `/files/${hash}`,
      thumbnailUrl: `/thumbnails/256/${hash}`,
      contentHash: hash,
    });
    const response = await fetch(`${server.url}/files/${hash}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(picture)).toBe(true);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${server.url}/files/${hash}`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('come in the sizes of thumbnails, also when many ask at once for one that is not made yet', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${server.url}/thumbnails/128/${hash}`)),
    );
    for (const response of responses) {
      expect(response.headers.get('content-type')).toBe('image/webp');
      expect(await readImageInfo(new Uint8Array(await response.arrayBuffer()))).toEqual({
        format: 'webp',
        width: 128,
        height: 128,
      });
    }
    expect((await fetch(`${server.url}/thumbnails/129/${hash}`)).status).toBe(404);
  });

  it.each([
    '/files/..%2f..%2fetc%2fpasswd',
    `/files/${'0'.repeat(64)}`,
    '/files/x',
    `/thumbnails/256/${'0'.repeat(64)}`,
    '/uploads/lock',
    `/uploads/${'0'.repeat(64)}/thumbnail`,
  ])('that do not exist are not found: %s', async (path) => {
    expect((await fetch(`${server.url}${path}`)).status).toBe(404);
  });

  it('are uploaded as they are, once for each content, and refused where they are none', async () => {
    const bytes = await png(plain([1, 2, 3], 30, 20));
    const upload = (body: string | Buffer<ArrayBuffer>) =>
      fetch(`${server.url}/uploads`, { method: 'POST', body, headers: { 'content-type': 'image/png' } });
    const response = await upload(Buffer.from(bytes));
    expect(response.status).toBe(201);
    const answer = (await response.json()) as { uploadId: string };
    expect(answer).toEqual({ uploadId: contentHash(bytes), width: 30, height: 20 });
    const back = await fetch(`${server.url}/uploads/${answer.uploadId}`);
    expect(back.headers.get('content-type')).toBe('image/png');
    const thumbnail = await fetch(`${back.url}/thumbnail`);
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    const { format, width, height } = await readImageInfo(new Uint8Array(await thumbnail.arrayBuffer()));
    expect({ format, width, height }).toEqual({ format: 'webp', width: 30, height: 20 });
    const text = await upload('this is no picture');
    expect([text.status, await text.json()]).toMatchObject([422, { code: 'NOT_AN_IMAGE' }]);
    expect((await upload('')).status).toBe(400);
    expect((await upload(Buffer.alloc(65 * 1024 * 1024))).status).toBe(413);
  });
});

describe('a stream of a job', () => {
  const open = (query: string, headers: Record<string, string> = {}) =>
    send('/graphql/stream', { ...json, accept: 'text/event-stream', ...headers }, JSON.stringify({ query }));
  const eventsOf = (text: string) =>
    [...text.matchAll(/^event: (\w+)\ndata: ?(.*)$/gm)].map(([, event, data]) => ({
      event,
      data: data ? JSON.parse(data) : null,
    }));

  it('tells each change until the job is finished, with figures that are not of the event before', async () => {
    await writePatches(join(server.folder, 'streamed'), 70, 50);
    const handle = await server.importFolder(join(server.folder, 'streamed'));
    const id = Buffer.from(`Job:${handle.jobId}`).toString('base64');
    const { text } = await open(
      `subscription { jobProgress(id: "${id}") { state done total dataset { imageCount } } }`,
    );
    const events = eventsOf(text);
    expect(events.at(-1)?.event).toBe('complete');
    const jobs = events.slice(0, -1).map(({ data }) => data.data.jobProgress);
    expect(jobs.at(-1)).toEqual({ state: 'SUCCEEDED', done: 70, total: 70, dataset: { imageCount: 70 } });
    expect(jobs[0].dataset.imageCount).toBeLessThan(70);
  });

  it('is refused to strangers, for other operations, for mistakes and for jobs that do not exist', async () => {
    const id = Buffer.from('Job:018f0000-0000-7000-8000-000000000000').toString('base64');
    const progress = `subscription { jobProgress(id: "${id}") { state } }`;
    const codes = async (query: string, headers?: Record<string, string>) =>
      eventsOf((await open(query, headers)).text).flatMap(({ data }) => data?.errors ?? []);
    const stranger = await open(progress, { host: 'evil.example' });
    expect([stranger.status, stranger.text]).toEqual([401, expect.stringContaining('UNAUTHENTICATED')]);
    expect(await codes('{ viewer { name } }')).toMatchObject([
      { message: expect.stringContaining('Only subscriptions') },
    ]);
    expect(await codes('subscription { nothing }')).toMatchObject([
      { message: expect.stringContaining('nothing') },
    ]);
    expect(await codes('subscription {')).toHaveLength(1);
    expect(await codes(progress)).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    expect((await open(progress, { origin: 'https://evil.example' })).status).toBe(403);
  });
});

describe('the server', () => {
  it('is healthy and ready, and leaves other addresses to the dashboard', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/datasets?x=1`)).text()).toBe('dashboard at /datasets?x=1');
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is not ready, and says why, while its model loads', async () => {
    if (server.databaseUrl === undefined) await copyTemplate(join(server.folder, 'loading'));
    const loading = await createServer({
      dataDir: join(server.folder, 'loading'),
      databaseUrl: server.databaseUrl,
      port: 0,
      settings: NO_SETTINGS,
      model: new Promise<EmbeddingModel>((_resolve, reject) => {
        setTimeout(() => reject(new Error('no such file')), 60_000).unref();
        loadedLater = reject;
      }),
    });
    try {
      const ready = await fetch(`${loading.url}/readyz`);
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { code: 'UNAVAILABLE', message: expect.stringContaining('loading') },
      ]);
      expect((await fetch(`${loading.url}/healthz`)).status).toBe(200);
      loadedLater?.(new Error('no such file'));
      await expect(loading.modelReady).rejects.toThrow('no such file');
      expect(await (await fetch(`${loading.url}/readyz`)).json()).toMatchObject({
        message: expect.stringContaining('no such file'),
      });
    } finally {
      await loading.close();
    }
  });

  it('says in one line that its port is busy, and gives the data folder back', async () => {
    const busy = createHttpServer();
    await new Promise<void>((done) => busy.listen(0, '127.0.0.1', done));
    const address = busy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const options = {
      dataDir: join(server.folder, 'loading'),
      databaseUrl: server.databaseUrl,
      settings: NO_SETTINGS,
      model: createTestEncoder(),
    };
    await expect(createServer({ ...options, port })).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: `Port ${port} is in use; choose another one with --port.`,
    });
    await new Promise((done) => busy.close(done));
    await (await createServer({ ...options, port })).close();
  });
});
