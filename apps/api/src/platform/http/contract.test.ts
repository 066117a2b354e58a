import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_SETTINGS, startTestServer, type TestServer } from '../../testing/test-server.js';
import { ERROR_CODES } from '../error-codes.js';

const SHOP = 'https://shop.example';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { ...NO_SETTINGS, allowedOrigins: [SHOP] } });
});
afterAll(() => server.dispose());

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

describe('every answer below /graphql has the form of GraphQL’s own', () => {
  it.each<[string, () => Promise<Response>, number, string]>([
    ['JSON that is cut short', () => post('{"query": "{ viewer'), 400, 'BAD_REQUEST'],
    ['a document that is none', () => post('{"query": "{ viewer"}'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', () => post('{"query": "{ nobody }"}'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a document too long',
      () => post(JSON.stringify({ query: `{ viewer { name } } #${'x'.repeat(30_000)}` })),
      413,
      'TOO_LARGE',
    ],
    [
      'a page of another site',
      () => post('{"query": "{ viewer { name } }"}', { origin: 'https://evil.example' }),
      403,
      'FORBIDDEN',
    ],
    [
      'a subscription sent as a query',
      () => post('{"query": "subscription { jobProgress(id: \\"x\\") { id } }"}'),
      406,
      'BAD_REQUEST',
    ],
  ])('%s', async (_name, send, status, code) => {
    const response = await send();
    const body = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(response.status).toBe(status);
    expect(body.errors[0]?.extensions.code).toBe(code);
    expect(body.errors[0]?.message).toMatch(/./);
    expect(Object.keys(ERROR_CODES)).toContain(code);
  });
});

it('tells what an operation costs and what it may', async () => {
  const response = await post('{"query": "{ datasets(first: 7) { edges { node { name } } } }"}');
  const { extensions } = (await response.json()) as {
    extensions: { cost: { complexity: number; limits: object } };
  };
  expect(extensions.cost.complexity).toBeGreaterThan(7);
  expect(extensions.cost).toMatchObject({ depth: 4, limits: { complexity: 10_000, depth: 12 } });
});

it('streams a subscription at /graphql for who asks for a stream', async () => {
  const id = Buffer.from('Job:018f0000-0000-7000-8000-000000000000').toString('base64');
  const query = `subscription { jobProgress(id: "${id}") { id } }`;
  const response = await post(JSON.stringify({ query }), { accept: 'text/event-stream' });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const text = await response.text();
  expect(text).toContain('NOT_FOUND');
  expect(text).toContain('event: complete');
});

it('refuses a WebSocket at once, saying what to do', async () => {
  const { hostname, port } = new URL(server.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `GET /graphql HTTP/1.1\r\nhost: ${hostname}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      ),
    );
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    socket.on('end', () => resolve(text)).on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 501 /);
  expect(answer).toContain('text/event-stream');
});

describe('an origin that the settings name', () => {
  it('may ask from a browser, with its own headers, and show pictures', async () => {
    const asked = await fetch(`${server.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: SHOP,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, authorization',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type, authorization');
    const answer = await post('{"query": "{ viewer { name } }"}', {
      origin: SHOP,
      'sec-fetch-site': 'cross-site',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  it('is the only one: another gets no such headers', async () => {
    const answer = await fetch(`${server.url}/healthz`, { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('lists every limit and every code', async () => {
  const { data } = await server.query<{
    limits: { name: string; most: number }[];
    errorCodes: { code: string }[];
  }>('{ limits { name most meaning } errorCodes { code status meaning } }');
  expect(data?.limits).toContainEqual(expect.objectContaining({ name: 'page', most: 100 }));
  expect(data?.errorCodes.map(({ code }) => code)).toEqual(Object.keys(ERROR_CODES));
});

describe('what the documents say', () => {
  const text = (name: string) => readFile(new URL(`../../../../../docs/${name}`, import.meta.url), 'utf8');

  it('of those who come from elsewhere runs as it stands there', async () => {
    const blocks = [...(await text('leaving-weaviate.md')).matchAll(/```graphql\n([\s\S]*?)```/g)].map(
      ([, one]) => one ?? '',
    );
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect((await server.query(block)).errors, block).toBeUndefined();
  });

  it('of limits and codes is what the server says', async () => {
    // Whatever the columns are padded with.
    const page = (await text('limits.md')).replaceAll(/ +/g, ' ');
    const { data } = await server.query<{
      limits: { name: string; most: number }[];
      errorCodes: { code: string; status: number }[];
    }>('{ limits { name most } errorCodes { code status } }');
    for (const { name, most } of data?.limits ?? []) {
      expect(page).toContain(`| \`${name}\` | ${most.toLocaleString('en-GB')} |`);
    }
    for (const { code, status } of data?.errorCodes ?? [])
      expect(page).toContain(`| \`${code}\` | ${status} |`);
  });
});
