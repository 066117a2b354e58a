import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, patches, plain, png } from '../../testing/pictures.js';
import { NO_SETTINGS, startTestServer, type TestServer } from '../../testing/test-server.js';
import { scriptHashesOf } from './page-headers.js';

const ADMIN_TOKEN = 'a-token-of-the-tests';
const PAGE = '<!doctype html><script>let a = 1;</script><script src="/x.js"></script><script>let b;</script>';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    settings: { ...NO_SETTINGS, adminToken: ADMIN_TOKEN, logLevel: 'warn' },
    dashboardHandler: (request, response) => {
      if (request.headers['if-none-match']) {
        response.statusCode = 304;
        response.end();
        return;
      }
      response.setHeader('cache-control', 's-maxage=31536000');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.write(PAGE.slice(0, 20));
      response.end(PAGE.slice(20));
    },
    patience: { headersMs: 1000, bodyMs: 3000, uploadMs: 3000, uploadBytes: 1000, idleMs: 2000 },
    fetcher: {
      lookup: (name, _options, callback) =>
        callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), []),
    },
  });
});
afterAll(() => server.dispose());

const known = { authorization: `Bearer ${ADMIN_TOKEN}` };
const post = (body: unknown, headers: Record<string, string> = known) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
const codesOf = async (response: Response) =>
  ((await response.json()) as { errors?: { extensions: { code: string } }[] }).errors?.map(
    ({ extensions }) => extensions.code,
  );

/** The longest time that the event loop was kept from other work meanwhile, in milliseconds. */
async function blockedFor(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  await work();
  await new Promise((done) => setTimeout(done, 10));
  clearInterval(timer);
  return longest;
}

describe('a stranger', () => {
  it('is answered 401 for whatever they send, and learns no name of a field', async () => {
    for (const body of [
      { query: '{ dataset { nam } }' },
      { query: '{ viewer { name } }' },
      { query: '{ __schema { types { name } } }' },
      '{"query": "{ view',
      '',
    ]) {
      const response = await post(body, {});
      expect(response.status).toBe(401);
      const text = await response.text();
      expect(text).toContain('UNAUTHENTICATED');
      expect(text).not.toMatch(/Did you mean|nam\b/);
    }
    const link = await fetch(`${server.url}/graphql?query=${encodeURIComponent('{ viewer { nam } }')}`);
    expect(link.status).toBe(401);
  });

  it('has nothing parsed that they send: 18 MB of nested lists', async () => {
    const body = Buffer.alloc(18e6, '[');
    const blocked = await blockedFor(async () =>
      expect((await post(body, {}).catch(() => null))?.status ?? 401).toBe(401),
    );
    // Parsed, it took 4.8 s.
    expect(blocked).toBeLessThan(2000);
  });
});

describe('a body', () => {
  it.each([
    [
      'nested too deep',
      `{"query":"{ viewer { name } }","variables":${'['.repeat(40)}${']'.repeat(40)}}`,
      400,
    ],
    [
      'of too many values',
      `{"query":"{ viewer { name } }","variables":{"a":[${'[],'.repeat(4000)}[]],"b":${JSON.stringify(Array.from({ length: 40 }, () => Array.from({ length: 4000 }, () => 1)))}}}`,
      400,
    ],
    ['larger than allowed', `{"query":"${'x'.repeat(9e6)}"}`, 413],
  ])('%s is refused before it is parsed', async (_name, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
  });

  it('of 200,000 unknown keys gets an answer of a few lines, and so does one whose values are long', async () => {
    const query = 'query ($query: SearchQueryInput!) { search(query: $query) { galleryCount } }';
    const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, 1]));
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'x'.repeat(20_000)]));
    for (const variables of [
      many,
      long,
      { query: 'x'.repeat(1e6) },
      { query: long },
      { query: { all: long } },
    ]) {
      const response = await post({ query, variables });
      const text = await response.text();
      expect(response.status).toBe(400);
      expect(text.length).toBeLessThan(6000);
    }
  });

  it('with a mistake in a variable is told where it is', async () => {
    const query = 'query ($query: SearchQueryInput!) { search(query: $query) { galleryCount } }';
    const response = await post({ query, variables: { query: { all: [{ like: { txt: 'a' } }] } } });
    expect(await response.json()).toMatchObject({
      errors: [
        { message: expect.stringContaining('$query.all.0.like'), extensions: { code: 'BAD_USER_INPUT' } },
      ],
    });
  });
});

describe('what costs much is refused before it runs', () => {
  it('300,000 ids, and more than a hundred', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const ids = (count: number) =>
      Array.from({ length: count }, (_, i) => Buffer.from(`Image:${i}`).toString('base64'));
    expect((await post({ query, variables: { ids: ids(300_000) } })).status).toBe(400);
    expect(await codesOf(await post({ query, variables: { ids: ids(101) } }))).toEqual(['BAD_USER_INPUT']);
    expect(await codesOf(await post({ query, variables: { ids: ids(100) } }))).toBeUndefined();
  });

  it('100 searches in one document, by the work of the encoder', async () => {
    const searches = (count: number) => ({
      query: `query ($q: SearchQueryInput!) { ${Array.from({ length: count }, (_, i) => `s${i}: search(query: $q, first: 0) { galleryCount }`).join(' ')} }`,
      variables: { q: { all: [{ like: { text: 'a' } }] } },
    });
    expect((await codesOf(await post(searches(100))))?.[0]).toBe('QUERY_TOO_COMPLEX');
    expect(await codesOf(await post(searches(10)))).toBeUndefined();
  });
});

describe('a picture that is large', () => {
  it('is decoded once however often a request names it, and shrunk while it is read', async () => {
    const huge = Buffer.from(await png(plain([9, 90, 200], 10_900, 10_900)));
    const parts = Array.from({ length: 16 }, () => '{ like: { image: { base64: $picture } } }').join();
    const query = `query ($picture: String!) { search(query: { all: [${parts}] }) { parts { index } } }`;
    const body = { query, variables: { picture: huge.toString('base64') } };
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 10);
    const response = await post(body);
    clearInterval(watch);
    expect(await codesOf(response)).toBeUndefined();
    // 16 times the 356 MB of its pixels before.
    expect((peak - before) / 1e6).toBeLessThan(700);
  });

  it('is refused with others like it, beyond the pixels of a request', async () => {
    const pictures = await Promise.all(
      [1, 2, 3].map((shade) => png(plain([shade, 90, 200], 10_000, 10_000))),
    );
    const all = pictures.map((bytes) => ({
      like: { image: { base64: Buffer.from(bytes).toString('base64') } },
    }));
    const query = 'query ($query: SearchQueryInput!) { search(query: $query) { parts { index } } }';
    expect(await codesOf(await post({ query, variables: { query: { all } } }))).toEqual(['TOO_LARGE']);
  });

  it('is no upload where its body is broken, though its header is whole', async () => {
    const bytes = Buffer.from(await jpeg(patches(3, 400)));
    const cut = bytes.subarray(0, bytes.length / 2);
    const send = (body: Buffer<ArrayBuffer>) =>
      fetch(`${server.url}/uploads`, {
        method: 'POST',
        body,
        headers: { ...known, 'content-type': 'image/jpeg' },
      });
    const answer = await send(Buffer.from(cut));
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'TRUNCATED' }]);
    expect((await send(Buffer.from(bytes))).status).toBe(201);
  });
});

it('what the resolver of names said stays in the server', async () => {
  const query =
    '{ search(query: { all: [{ like: { image: { url: "http://printer.intern/x.png" } } }] }) { galleryCount } }';
  const text = await (await post({ query })).text();
  expect(text).toContain('UNAVAILABLE');
  expect(text).not.toMatch(/getaddrinfo|ENOTFOUND|printer/);
});

describe('a page', () => {
  it('runs no script but its own, is taken for nothing else, and is kept by no shared cache', async () => {
    const response = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(await response.text()).toBe(PAGE);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    const hashes = scriptHashesOf(PAGE);
    expect(hashes).toHaveLength(2);
    for (const hash of hashes) expect(policy).toContain(`'sha256-${hash}'`);
  });

  it('that the browser has kept keeps its own policy, which knows its scripts', async () => {
    const response = await fetch(server.url, { headers: { accept: 'text/html', 'if-none-match': '"x"' } });
    expect(response.status).toBe(304);
    expect(response.headers.get('content-security-policy')).toBeNull();
  });

  it('has the same headers where nothing of it is sent', async () => {
    const response = await fetch(server.url, { method: 'HEAD' });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
  });
});

describe('whoever is slow is let go', () => {
  /** @returns what came before the end, and after how many milliseconds it came. */
  const until = (words: string, more?: string) =>
    new Promise<{ text: string; ms: number }>((resolve) => {
      const { hostname, port } = new URL(server.url);
      const started = performance.now();
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write(words));
      const drip = more === undefined ? undefined : setInterval(() => socket.write(more), 100);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => {
        clearInterval(drip);
        resolve({ text, ms: performance.now() - started });
      });
    });
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`;

  it.each([
    ['who says nothing', '', undefined],
    ['whose headers do not end', 'GET / HTTP/1.1\r\nx: ', 'y'],
    ['whose body does not come', head('/graphql'), undefined],
    ['whose body drips', head('/graphql'), ' '],
    ['whose upload drips', head('/uploads'), ' '],
  ])('%s', async (_name, words, more) => {
    const { ms, text } = await until(words, more);
    expect(ms).toBeLessThan(20_000);
    if (words.startsWith('POST')) expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*REQUEST_TIMEOUT/);
  });
});
