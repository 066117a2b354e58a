import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../platform/net/fetch-picture.js';
import { importFrom } from '../../testing/import-client.js';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

// 127.0.0.1 passes for the public internet here, 127.0.0.2 for a machine of the house.
const PUBLIC = '127.0.0.1';
const PRIVATE = '127.0.0.2';
const NAMES: Readonly<Record<string, string>> = { 'photos.test': PUBLIC, 'inside.test': PRIVATE };

const servers: Server[] = [];
let server: TestServer;
let web = '';
let inside = '';
let insideHits = 0;
let encoded = 0;
let busyFirst = true;

async function serve(host: string, listener: RequestListener): Promise<number> {
  const http = createServer(listener);
  servers.push(http);
  await new Promise<void>((done) => http.listen(0, host, done));
  return (http.address() as AddressInfo).port;
}

const lookup: LookupFunction = (name, _options, callback) =>
  callback(null, [{ address: NAMES[name] ?? '203.0.113.1', family: 4 }]);

beforeAll(async () => {
  const photos = await Promise.all([1, 2, 3].map((seed) => jpeg(patches(seed))));
  const secret = await jpeg(patches(99));
  const insidePort = await serve(PRIVATE, (_request, response) => {
    insideHits += 1;
    response.end(secret);
  });
  const webPort = await serve(PUBLIC, (request, response) => {
    const path = request.url ?? '';
    const photo = photos[Number(/^\/(\d)\.jpg/.exec(path)?.[1] ?? 0) - 1];
    const redirects: Record<string, string> = {
      '/to-photo': '/1.jpg',
      '/to-inside': `http://${PRIVATE}:${insidePort}/secret.jpg`,
      '/to-inside-by-name': `http://inside.test:${insidePort}/secret.jpg`,
      '/to-metadata': 'http://169.254.169.254/latest/meta-data',
      '/to-file': 'file:///etc/passwd',
      '/round': '/round',
    };
    const location = redirects[path];
    if (photo) response.end(photo);
    else if (location) response.writeHead(302, { location }).end();
    else if (path === '/words.jpg') response.end('this is no picture');
    else if (path === '/huge.jpg') response.writeHead(200, { 'content-length': 10 ** 12 }).end('x');
    else if (path === '/busy.jpg' && busyFirst) response.writeHead(503).end();
    else if (path === '/busy.jpg') response.end(photos[2]);
    else response.writeHead(404).end();
  });
  web = `http://photos.test:${webPort}`;
  inside = `http://inside.test:${insidePort}`;
  server = await startTestServer({
    model: createTestEncoder({
      onBatch: (images) => {
        encoded += images.length;
      },
    }),
    fetcher: { lookup, isAllowed: (address) => address === PUBLIC || isPublicAddress(address) },
  });
});
afterAll(async () => {
  await server?.dispose();
  for (const http of servers) {
    http.closeAllConnections();
    await new Promise((done) => http.close(done));
  }
});

describe('a list of addresses', () => {
  const refused = () => ({
    [`http://${PRIVATE}:${new URL(inside).port}/secret.jpg`]: 'PRIVATE_ADDRESS',
    [`${inside}/secret.jpg`]: 'PRIVATE_ADDRESS',
    'http://169.254.169.254/latest/meta-data': 'PRIVATE_ADDRESS',
    'http://[::1]/a.jpg': 'PRIVATE_ADDRESS',
    'http://2130706434/a.jpg': 'PRIVATE_ADDRESS',
    [`${web}/to-inside`]: 'PRIVATE_ADDRESS',
    [`${web}/to-inside-by-name`]: 'PRIVATE_ADDRESS',
    [`${web}/to-metadata`]: 'PRIVATE_ADDRESS',
    [`${web}/to-file`]: 'BAD_ADDRESS',
    [`${web}/round`]: 'TOO_MANY_REDIRECTS',
    [`${web}/missing.jpg`]: 'BAD_STATUS',
    [`${web}/words.jpg`]: 'NOT_AN_IMAGE',
    [`${web}/huge.jpg`]: 'TOO_LARGE',
    'ftp://photos.test/a.jpg': 'BAD_ADDRESS',
    'http://me:secret@photos.test/a.jpg': 'BAD_ADDRESS',
  });

  it('brings its pictures, never reaches into the house, and tells each refusal', async () => {
    const urls = [
      `${web}/1.jpg`,
      `${web}/2.jpg`,
      `${web}/to-photo`,
      `${web}/busy.jpg`,
      ...Object.keys(refused()),
    ];
    const first = await importFrom(server, { urls }, { name: 'From the web' });
    expect(first.codes).toEqual({
      ...refused(),
      [`${web}/to-photo`]: 'DUPLICATE',
      [`${web}/busy.jpg`]: 'BAD_STATUS',
    });
    expect(first).toMatchObject({
      state: 'SUCCEEDED',
      total: urls.length,
      done: urls.length,
      states: { EMBEDDED: 2, DUPLICATE: 1, FAILED: 1, REJECTED: 15 },
      dataset: { imageCount: 2 },
    });
    expect(insideHits).toBe(0);

    // Once more: what the server was too busy for comes, and nothing else.
    busyFirst = false;
    encoded = 0;
    const second = await importFrom(server, { urls }, { datasetId: first.datasetId });
    expect(encoded).toBe(1);
    expect(second.dataset.imageCount).toBe(3);
    expect(second.codes).toEqual({ ...refused(), [`${web}/to-photo`]: 'DUPLICATE' });
    expect(insideHits).toBe(0);
  });

  it('may be a CSV file with captions', async () => {
    const folder = join(server.folder, 'list');
    await writeFiles(folder, { 'list.csv': `url,caption\n${web}/1.jpg,a first\n${inside}/x.jpg,a secret\n` });
    const done = await importFrom(server, { path: folder });
    expect(done.codes).toEqual({ [`${inside}/x.jpg`]: 'PRIVATE_ADDRESS' });
    expect(done.dataset.imageCount).toBe(1);
    expect(insideHits).toBe(0);
    const { data } = await server.query(
      'query ($id: ID!) { dataset(id: $id) { images { edges { node { fileName captions } } } } }',
      { id: done.datasetId },
    );
    expect(data).toEqual({
      dataset: { images: { edges: [{ node: { fileName: `${web}/1.jpg`, captions: ['a first'] } }] } },
    });
  });

  it('is looked through before anything is stored', async () => {
    const { data } = await server.query<{ previewImport: Record<string, unknown> }>(
      `query ($input: ImportInput!) { previewImport(input: $input) { ... on ImportPreview {
         photoCount checkedCount problemCount problems { path code } } } }`,
      { input: { source: { urls: [`${web}/1.jpg`, `${inside}/x.jpg`, 'nonsense'] } } },
    );
    expect(data?.previewImport).toEqual({
      photoCount: 1,
      checkedCount: 2,
      problemCount: 2,
      problems: expect.arrayContaining([
        { path: `${inside}/x.jpg`, code: 'PRIVATE_ADDRESS' },
        { path: 'nonsense', code: 'BAD_ADDRESS' },
      ]),
    });
    expect(insideHits).toBe(0);
  });
});

it('the same list twice is the same import, another list under that name is a conflict, and what brought nothing blocks no name', async () => {
  const first = await importFrom(server, { urls: [`${web}/1.jpg`] }, { name: 'Twice' });
  const again = await importFrom(server, { urls: [`${web}/1.jpg`] }, { name: 'Twice' });
  expect(again.datasetId).toBe(first.datasetId);
  expect(again.dataset.imageCount).toBe(1);
  await expect(importFrom(server, { urls: [`${web}/2.jpg`] }, { name: 'Twice' })).rejects.toThrow(/CONFLICT/);
  const nothing = await importFrom(server, { urls: [`${web}/words.jpg`] }, { name: 'Nothing came' });
  expect(nothing.state).toBe('FAILED');
  const better = await importFrom(server, { urls: [`${web}/2.jpg`] }, { name: 'Nothing came' });
  expect(better).toMatchObject({
    state: 'SUCCEEDED',
    datasetId: nothing.datasetId,
    dataset: { imageCount: 1 },
  });
});
