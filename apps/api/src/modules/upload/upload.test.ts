import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, patches } from '../../testing/pictures.js';
import { restartTestServer, startTestServer, type TestServer } from '../../testing/test-server.js';
import { checkIncomingPath } from './incoming-path.js';

const LIMITS = { uploadLimits: { maxFiles: 20, maxFileBytes: 1_000_000, keptMs: 3_600_000 } };

let server: TestServer;
const photos = new Map<string, Uint8Array>();

beforeAll(async () => {
  server = await startTestServer(LIMITS);
  for (const [i, name] of ['a.jpg', 'unter/ä ö.jpg', '写真/犬.jpg', 'صور/كلب.jpg'].entries()) {
    photos.set(name, await jpeg(patches(i)));
  }
});
afterAll(() => server?.dispose());

interface Session {
  id: string;
  uploadKey: string;
}

const BEGIN = `mutation ($input: BeginUploadInput!) { beginUpload(input: $input) { __typename
  ... on Error { code message } ... on BeginUploadSuccess { session { id uploadKey } } } }`;
const FINISH = `mutation ($id: ID!, $partial: Boolean) { finishUpload(id: $id, partial: $partial) { __typename
  ... on Error { code message } ... on FinishUploadSuccess { job { id } session { state } } } }`;
const SESSION = `query ($id: ID!) { uploadSession(id: $id) { state fileCount receivedCount receivedBytes received
  job { id state total done rejected states { value count } } dataset { id imageCount } } }`;

type Answer<T> = { __typename: string; code?: string; message?: string } & T;

async function begin(name: string, fileCount = 1, byteCount = 10_000_000): Promise<Session> {
  const input = { name, fileCount, byteCount };
  const { data } = await server.query<{ beginUpload: Answer<{ session: Session }> }>(BEGIN, { input });
  if (data?.beginUpload.__typename !== 'BeginUploadSuccess') throw new Error(JSON.stringify(data));
  return data.beginUpload.session;
}

async function finish(id: string, partial = false) {
  const { data } = await server.query<{ finishUpload: Answer<{ job: { id: string } }> }>(FINISH, {
    id,
    partial,
  });
  if (data === null) throw new Error('no data');
  return data.finishUpload;
}

interface SessionNow {
  state: string;
  receivedCount: number;
  received: string[];
  job: { state: string; done: number; rejected: number } | null;
}

async function sessionNow(id: string): Promise<SessionNow | null> {
  return (
    (await server.query<{ uploadSession: SessionNow | null }>(SESSION, { id })).data?.uploadSession ?? null
  );
}

const encoded = (text: string) => Buffer.from(text).toString('base64');
const metadata = ({ uploadKey }: Session, path: string) =>
  `session ${encoded(uploadKey)},path ${encoded(path)}`;

/** Creates a file; with `bytes`, sends it in the same request. */
const create = (session: Session, path: string, length: number, bytes?: Uint8Array, headers = {}) =>
  fetch(`${server.url}/incoming`, {
    method: 'POST',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-length': String(length),
      'upload-metadata': metadata(session, path),
      ...(bytes && { 'content-type': 'application/offset+octet-stream' }),
      ...headers,
    },
    ...(bytes && { body: bytes as Uint8Array<ArrayBuffer> }),
  });

const send = (session: Session, path: string, bytes: Uint8Array) =>
  create(session, path, bytes.byteLength, bytes);

const patch = (location: string, offset: number, bytes: Uint8Array) =>
  fetch(server.url + location, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes as Uint8Array<ArrayBuffer>,
  });

const offsetOf = async (location: string) => {
  const response = await fetch(server.url + location, {
    method: 'HEAD',
    headers: { 'tus-resumable': '1.0.0' },
  });
  return { status: response.status, offset: Number(response.headers.get('upload-offset')) };
};

const folderOf = ({ uploadKey }: Session) => join(server.folder, 'data', 'incoming', uploadKey);

describe('files from a browser', () => {
  it('arrive under their own names in every script, are imported, and are deleted then', async () => {
    const session = await begin('every script', photos.size);
    for (const [path, bytes] of photos) expect((await send(session, path, bytes)).status).toBe(201);
    expect(await sessionNow(session.id)).toMatchObject({
      state: 'OPEN',
      fileCount: photos.size,
      receivedCount: photos.size,
      received: [...photos.keys()].sort(),
    });
    for (const [path, bytes] of photos) {
      expect(await readFile(join(folderOf(session), 'files', path)), path).toEqual(Buffer.from(bytes));
    }
    expect(await readdir(join(folderOf(session), 'parts'))).toEqual([]);

    expect(await finish(session.id)).toMatchObject({ __typename: 'FinishUploadSuccess' });
    await expect
      .poll(async () => (await sessionNow(session.id))?.job?.state, { timeout: 60_000 })
      .toBe('SUCCEEDED');
    expect(await sessionNow(session.id)).toMatchObject({
      state: 'CLOSED',
      job: { total: photos.size, done: photos.size, states: [{ value: 'EMBEDDED', count: photos.size }] },
      dataset: { imageCount: photos.size },
    });
    await expect.poll(() => existsSync(folderOf(session))).toBe(false);
  });

  it('are imported once, however often that is asked', async () => {
    const session = await begin('asked twice');
    await send(session, 'a.jpg', await jpeg(patches(20)));
    const both = await Promise.all([finish(session.id), finish(session.id)]);
    const third = await finish(session.id);
    expect(new Set([...both, third].map(({ job }) => job.id)).size).toBe(1);
    await expect
      .poll(async () => (await sessionNow(session.id))?.job?.state, { timeout: 60_000 })
      .toBe('SUCCEEDED');
    expect((await finish(session.id)).job.id).toBe(third.job.id);
  });

  it('go on where they were after a broken connection and a restart of the server', async () => {
    const session = await begin('broken off');
    const bytes = await jpeg(patches(30, 256));
    const half = Math.floor(bytes.byteLength / 2);
    const created = await create(session, 'tief/unten.jpg', bytes.byteLength);
    const location = created.headers.get('location') ?? '';
    expect(created.status).toBe(201);
    await sendHalf(location, bytes, half);
    await expect.poll(async () => (await offsetOf(location)).offset).toBe(half);
    expect((await sessionNow(session.id))?.received).toEqual([]);

    server = await restartTestServer(server, LIMITS);
    expect(await offsetOf(location)).toEqual({ status: 200, offset: half });
    expect((await patch(location, 0, bytes)).status).toBe(409);
    expect((await patch(location, half, bytes.subarray(half))).status).toBe(204);
    const arrived = await readFile(join(folderOf(session), 'files/tief/unten.jpg'));
    expect(createHash('sha256').update(arrived).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  });

  it('replace their own unfinished part, but nothing that has arrived whole', async () => {
    const session = await begin('the same path');
    const [first, second] = [await jpeg(patches(40)), await jpeg(patches(41))];
    await create(session, 'a.jpg', first.byteLength);
    expect((await send(session, 'a.jpg', second)).status).toBe(201);
    const again = await send(session, 'a.jpg', first);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: 'ALREADY_RECEIVED' });
    expect(await readFile(join(folderOf(session), 'files/a.jpg'))).toEqual(Buffer.from(second));
  });

  it('that lack some of what was announced are not taken for all of it', async () => {
    const session = await begin('too few', 3);
    expect(await finish(session.id)).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('No file'),
    });
    await send(session, 'a.jpg', await jpeg(patches(50)));
    expect(await finish(session.id)).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('1 of 3 files'),
    });
    expect(await finish(session.id, true)).toMatchObject({ __typename: 'FinishUploadSuccess' });
    const late = await send(session, 'b.jpg', await jpeg(patches(51)));
    expect(late.status).toBe(409);
  });

  it('stay for a retry where the import could not use one of them', async () => {
    const session = await begin('with a text', 2);
    await send(session, 'a.jpg', await jpeg(patches(60)));
    await send(session, 'text.jpg', new TextEncoder().encode('no picture'));
    await finish(session.id);
    await expect
      .poll(async () => (await sessionNow(session.id))?.job?.state, { timeout: 60_000 })
      .toBe('SUCCEEDED');
    expect((await sessionNow(session.id))?.job).toMatchObject({ done: 2, rejected: 1 });
    expect(existsSync(join(folderOf(session), 'files/text.jpg'))).toBe(true);
  });
});

describe('what a browser may not send', () => {
  it.each([
    ['an absolute path', '/etc/passwd'],
    ['a way out', '../outside.jpg'],
    ['a way out further down', 'a/../../../outside.jpg'],
    ['a zero character', 'a\0.jpg'],
    ['an empty name', 'a//b.jpg'],
    ['a folder in place of a file', 'a/'],
    ['no name', ''],
    ['too long a name', `${'ä'.repeat(128)}.jpg`],
    ['too long a path', `${'a/'.repeat(39)}${'n'.repeat(250)}/${'n'.repeat(2000)}`],
    ['too many folders', `${'a/'.repeat(40)}b.jpg`],
  ])('is %s', async (_name, path) => {
    expect(() => checkIncomingPath(path)).toThrow(/path/);
    const session = await begin(`refused ${path.length} ${encoded(path).slice(0, 20)}`);
    const response = await send(session, path, new Uint8Array([1]));
    expect(response.status).toBe(400);
    expect(existsSync(join(folderOf(session), 'files'))).toBe(false);
  });

  it('is a file that stands where a folder is', async () => {
    const session = await begin('file and folder', 3);
    expect((await send(session, 'a/b.jpg', new Uint8Array([1]))).status).toBe(201);
    expect((await send(session, 'a', new Uint8Array([1]))).status).toBe(409);
    expect((await send(session, 'a/b.jpg/c.jpg', new Uint8Array([1]))).status).toBe(409);
    expect((await sessionNow(session.id))?.received).toEqual(['a/b.jpg']);
  });

  it('is more than the limits: size of a file, files of an upload, room on the disk', async () => {
    const session = await begin('limits', 20);
    expect((await create(session, 'big.bin', 1_000_001)).status).toBe(413);
    for (let i = 0; i < 20; i++) expect((await send(session, `${i}`, new Uint8Array([1]))).status).toBe(201);
    expect((await send(session, 'one too many', new Uint8Array([1]))).status).toBe(400);
    const ask = async (input: object) =>
      (await server.query<{ beginUpload: Answer<object> }>(BEGIN, { input })).data?.beginUpload.code;
    expect(await ask({ name: 'x', fileCount: 21, byteCount: 1 })).toBe('BAD_USER_INPUT');
    expect(await ask({ name: 'x', fileCount: 1, byteCount: 1e15 })).toBe('BAD_USER_INPUT');
    expect(await ask({ name: 'x', fileCount: 0, byteCount: 1 })).toBe('BAD_USER_INPUT');
    expect(await ask({ fileCount: 1, byteCount: 1 })).toBe('BAD_USER_INPUT');
    expect(await ask({ name: 'limits', fileCount: 1, byteCount: 1 })).toBe('CONFLICT');
  });

  it('is more than the upload announced, in files or in bytes; what was begun twice counts once', async () => {
    const session = await begin('announced', 2, 100);
    expect((await create(session, 'a', 60)).status).toBe(201);
    expect((await create(session, 'a', 60)).status).toBe(201);
    const tooLong = await create(session, 'b', 41);
    expect(tooLong.status).toBe(400);
    expect(await tooLong.json()).toMatchObject({
      message: expect.stringMatching(/begun for 2 files of 100 bytes in all/),
    });
    expect((await send(session, 'b', new Uint8Array(40))).status).toBe(201);
    expect((await send(session, 'c', new Uint8Array(0))).status).toBe(400);
  });

  it('is anything without being a curator, from another site, or into no upload', async () => {
    const session = await begin('who may');
    const bytes = new Uint8Array([1]);
    const asStranger = await create(session, 'a', 1, bytes, { 'x-forwarded-for': '203.0.113.9' });
    expect(asStranger.status).toBe(401);
    expect((await create(session, 'a', 1, bytes, { origin: 'https://evil.example' })).status).toBe(403);
    const nowhere = { id: '', uploadKey: '00000000-0000-7000-8000-000000000000' };
    expect((await send(nowhere, 'a', bytes)).status).toBe(404);
    expect((await send({ id: '', uploadKey: '../../..' }, 'a', bytes)).status).toBe(404);
    const location = (await create(session, 'a', 5)).headers.get('location') ?? '';
    const read = await fetch(server.url + location);
    expect(read.status).toBe(404);
  });
});

it('a discarded upload leaves neither files nor the dataset that was made for it', async () => {
  const session = await begin('discarded');
  await send(session, 'a.jpg', await jpeg(patches(70)));
  const { data } = await server.query('mutation ($id: ID!) { discardUpload(id: $id) { __typename } }', {
    id: session.id,
  });
  expect(data).toEqual({ discardUpload: { __typename: 'DiscardUploadSuccess' } });
  expect(existsSync(folderOf(session))).toBe(false);
  expect(await sessionNow(session.id)).toBeNull();
  expect((await send(session, 'b.jpg', new Uint8Array([1]))).status).toBe(404);
  const names = await server.query<{ datasets: { edges: { node: { name: string } }[] } }>(
    '{ datasets(first: 100) { edges { node { name } } } }',
  );
  expect(names.data?.datasets.edges.map(({ node }) => node.name)).not.toContain('discarded');
});

it('an upload that nobody goes on with is swept away in time, one that is under way is not', async () => {
  const [old, young] = [await begin('given up'), await begin('under way')];
  for (const session of [old, young]) await send(session, 'a.jpg', await jpeg(patches(80)));
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  for (const part of ['', 'parts', 'files']) await utimes(join(folderOf(old), part), longAgo, longAgo);
  expect(await server.services.uploads.sweep()).toBe(1);
  expect(await sessionNow(old.id)).toBeNull();
  expect(existsSync(folderOf(old))).toBe(false);
  expect(await sessionNow(young.id)).toMatchObject({ receivedCount: 1 });
});

/** Sends the first half of a file and cuts the line. */
function sendHalf(location: string, bytes: Uint8Array, half: number): Promise<void> {
  return new Promise((done) => {
    const request = httpRequest(server.url + location, {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': String(bytes.byteLength),
      },
    });
    request.on('error', () => done());
    request.on('close', () => done());
    request.write(bytes.subarray(0, half), () => setTimeout(() => request.destroy(), 300));
  });
}
