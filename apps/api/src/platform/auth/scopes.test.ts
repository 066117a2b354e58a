import { join } from 'node:path';
import { isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema.js';
import { jpeg, patches, png, writeFiles } from '../../testing/pictures.js';
import { NO_SETTINGS, startTestServer, type TestServer } from '../../testing/test-server.js';
import { contentHash } from '../storage/blob-store.js';
import { ROLES, type Role } from './caller.js';

const TOKEN = 'a-token-of-the-tests';
const admin = { authorization: `Bearer ${TOKEN}` };

interface Side {
  readonly id: string;
  readonly name: string;
  readonly photo: { readonly id: string; readonly contentHash: string };
  /** Rows that belong to it, by the type of their id. */
  readonly rows: Readonly<Record<string, string>>;
}

let server: TestServer;
let own: Side;
let other: Side;
const keys = new Map<string, Record<string, string>>();

const ask = async <T = Record<string, unknown>>(
  headers: Record<string, string>,
  query: string,
  variables: Record<string, unknown> = {},
) => server.query<T>(query, variables, headers);

async function makeSide(name: string, from: number): Promise<Side> {
  const folder = join(server.folder, name);
  const files: Record<string, Uint8Array | string> = {};
  for (let i = from; i < from + 4; i++) files[`${name}-${i}.jpg`] = await jpeg(patches(i, 64));
  files['sketch.png'] = await png(patches(from + 50, 48));
  files['manifest.jsonl'] = [
    ...Object.keys(files)
      .filter((file) => file.endsWith('.jpg'))
      .map((file) => ({
        kind: 'image',
        file,
        captions: [`a ${name}ish zebra`],
        class: `${name}-class`,
        tags: [name],
      })),
    { kind: 'query', style: 'sketch', file: 'sketch.png', target: `${name}-${from}.jpg` },
  ]
    .map((line) => JSON.stringify(line))
    .join('\n');
  await writeFiles(folder, files);
  const handle = await server.importFolder(folder, { name });
  expect((await handle.finished()).state).toBe('SUCCEEDED');
  const id = Buffer.from(`Dataset:${handle.datasetId}`).toString('base64');
  const { data } = await ask<{
    dataset: {
      images: {
        edges: {
          node: { id: string; contentHash: string; queries: { edges: { node: { id: string } }[] } };
        }[];
      };
    };
  }>(
    admin,
    'query ($id: ID!) { dataset(id: $id) { images { edges { node { id contentHash queries { edges { node { id } } } } } } } }',
    { id },
  );
  const images = data?.dataset.images.edges.map(({ node }) => node) ?? [];
  const photo = images.find(({ queries }) => queries.edges.length > 0);
  if (photo === undefined) throw new Error('the import brought no query');
  const made = await ask<{
    changeImages: { change: { id: string } };
    createVersion: { version: { id: string } };
    beginUpload: { session: { id: string } };
    buildStyleSpace: { styleSpace: { id: string } };
  }>(
    admin,
    `mutation ($id: ID!, $photo: ID!) {
      changeImages(input: { addTags: ["seen"], selection: { datasetId: $id, ids: [$photo] } }) { ... on ChangeImagesSuccess { change { id } } }
      createVersion(datasetId: $id) { ... on CreateVersionSuccess { version { id } } }
      beginUpload(input: { datasetId: $id, fileCount: 1, byteCount: 10 }) { ... on BeginUploadSuccess { session { id } } }
      buildStyleSpace(input: { datasetId: $id, k: 2 }) { ... on BuildStyleSpaceSuccess { styleSpace { id } } } }`,
    { id, photo: photo.id },
  );
  return {
    ...{ id, name, photo },
    rows: {
      Dataset: id,
      Image: photo.id,
      DatasetQuery: photo.queries.edges[0]?.node.id ?? '',
      Job: Buffer.from(`Job:${handle.jobId}`).toString('base64'),
      Change: made.data?.changeImages.change.id ?? '',
      DatasetVersion: made.data?.createVersion.version.id ?? '',
      UploadSession: made.data?.beginUpload.session.id ?? '',
      StyleSpace: made.data?.buildStyleSpace.styleSpace.id ?? '',
    },
  };
}

async function makeKey(role: Role, datasetIds: string[] | null): Promise<Record<string, string>> {
  const { data } = await ask<{ createApiKey: { secret: string } }>(
    admin,
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreateApiKeySuccess { secret } ... on Error { message } } }`,
    {
      input: { name: `${role} ${datasetIds ? 'of one' : 'of all'}`, role, ...(datasetIds && { datasetIds }) },
    },
  );
  return { authorization: `Bearer ${data?.createApiKey.secret}` };
}

beforeAll(async () => {
  server = await startTestServer({ settings: { ...NO_SETTINGS, adminToken: TOKEN, logLevel: 'silent' } });
  own = await makeSide('own', 0);
  other = await makeSide('other', 100);
  for (const role of ROLES) {
    keys.set(`${role} scoped`, await makeKey(role, [own.id]));
    keys.set(`${role} all`, await makeKey(role, null));
  }
}, 60_000);
afterAll(() => server?.dispose());

const scoped = (role: Role = 'VIEWER') => keys.get(`${role} scoped`) ?? {};
const all = (role: Role = 'VIEWER') => keys.get(`${role} all`) ?? {};

/** Node types that belong to no dataset, or whose rows take an evaluation or a training to make. */
const NOT_MADE_HERE = ['ApiKey', 'Person', 'Session', 'Evaluation', 'Judgement', 'TrainingRun'];

describe('a key that is limited to one dataset', () => {
  it('reads every row of it by id, and none of another: told as what is not there', async () => {
    for (const type of Object.keys(own.rows)) {
      const node = async (headers: Record<string, string>, id: string | undefined) =>
        (
          await ask<{ node: { id: string } | null }>(headers, 'query ($id: ID!) { node(id: $id) { id } }', {
            id,
          })
        ).data?.node;
      expect(await node(scoped(), own.rows[type]), type).toEqual({ id: own.rows[type] });
      expect(await node(all(), other.rows[type]), type).toEqual({ id: other.rows[type] });
      expect(await node(scoped('ADMIN'), other.rows[type]), type).toBeNull();
    }
  });

  it('is tried on every type that an id can be of', () => {
    const node = schema.getType('Node');
    if (!isInterfaceType(node)) throw new Error('there is no Node');
    const types = schema
      .getPossibleTypes(node)
      .filter(isObjectType)
      .map(({ name }) => name);
    const datasetBound = types.filter(
      (name) => 'dataset' in (schema.getType(name) as typeof node).getFields(),
    );
    const missing = datasetBound.filter((name) => !(name in own.rows) && !NOT_MADE_HERE.includes(name));
    expect(missing, 'make a row of it in makeSide()').toEqual([]);
  });

  it('counts, lists, finds and facets what is its own alone', async () => {
    const query = `{ datasets { totalCount edges { node { name } } } jobs { edges { node { id } } } uploadSessions { id }
      search(query: { all: [{ text: "zebra" }] }, showWeak: true, first: 50) { galleryCount totalCount edges { node { dataset { name } } }
        facets { classes { value count } tags { value } datasets { value } } } }`;
    const { data, errors } = await ask(scoped(), query);
    expect(errors).toBeUndefined();
    const text = JSON.stringify(data);
    expect(text).toContain('own');
    expect(text).not.toContain('other');
    expect(data).toMatchObject({ datasets: { totalCount: 1 }, search: { galleryCount: 4, totalCount: 4 } });
    expect(JSON.stringify((await ask(all(), query)).data)).toContain('other');
  });

  it('learns nothing by a photo of another dataset: not by likeness, by words that stand there, or by a cursor', async () => {
    const like = `query ($id: ID!) { search(query: { all: [{ like: { imageId: $id } }] }) { galleryCount } }`;
    const [theirs, nobodys] = await Promise.all([
      ask(scoped(), like, { id: other.photo.id }),
      ask(scoped(), like, {
        id: Buffer.from('Image:018f0000-0000-7000-8000-000000000000').toString('base64'),
      }),
    ]);
    expect(theirs.errors?.[0]?.message).toBe(nobodys.errors?.[0]?.message);
    expect(theirs.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const words = `{ search(query: { all: [{ text: "otherisch" }] }, showWeak: true) { parts { words { typed taken } } } }`;
    const [narrow, wide] = [await ask(scoped(), words), await ask(all(), words)];
    expect(JSON.stringify(narrow.data)).not.toMatch(/"taken":"otherish"/);
    expect(wide.errors).toBeUndefined();
    const page = `query ($after: String) { search(query: { all: [{ text: "zebra" }] }, showWeak: true, first: 1, after: $after) { edges { cursor } } }`;
    const wideCursor = (await ask<{ search: { edges: { cursor: string }[] } }>(all(), page)).data?.search
      .edges[0]?.cursor;
    const forged = await ask(scoped(), page, { after: wideCursor });
    expect(forged.errors?.[0]?.extensions.code).toBe('CURSOR_OF_ANOTHER_QUERY');
  });

  it.each([
    ['files', (side: Side) => `/files/${side.photo.contentHash}`],
    ['thumbnails', (side: Side) => `/thumbnails/128/${side.photo.contentHash}`],
    ['exports', (side: Side) => `/exports/${side.id}.zip`],
    ['rejects', (side: Side) => `/jobs/${side.rows.Job}/rejects.csv`],
  ])('fetches its own %s and is told that others are not there', async (_name, pathOf) => {
    const status = async (side: Side, headers: Record<string, string>) => {
      const response = await fetch(`${server.url}${pathOf(side)}`, { headers });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await status(own, scoped())).toBe(200);
    expect(await status(other, scoped('ADMIN'))).toBe(404);
    expect(await status(other, all())).toBe(200);
    expect(await status(own, {})).toBe(401);
  });

  it('changes its own alone, whatever its role, and makes no dataset', async () => {
    const outcome = async (query: string, variables: Record<string, unknown>) =>
      Object.values(
        (await ask<Record<string, { __typename: string }>>(scoped('ADMIN'), query, variables)).data ?? {},
      ).map(({ __typename }) => __typename);
    const tags = `mutation ($id: ID!, $photo: ID!) { changeImages(input: { addTags: ["x"], selection: { datasetId: $id, ids: [$photo] } }) { __typename } }`;
    expect(await outcome(tags, { id: own.id, photo: own.photo.id })).toEqual(['ChangeImagesSuccess']);
    expect(await outcome(tags, { id: other.id, photo: other.photo.id })).toEqual(['NotFoundError']);
    expect(await outcome(tags, { id: own.id, photo: other.photo.id })).toEqual(['NotFoundError']);
    const undo = 'mutation ($id: ID!) { undoChange(id: $id) { __typename } }';
    expect(await outcome(undo, { id: other.rows.Change })).toEqual(['NotFoundError']);
    const begin = `mutation ($input: BeginUploadInput!) { beginUpload(input: $input) { __typename } }`;
    const size = { fileCount: 1, byteCount: 1 };
    expect(await outcome(begin, { input: { ...size, name: 'mine' } })).toEqual(['ForbiddenError']);
    expect(await outcome(begin, { input: { ...size, datasetId: other.id } })).toEqual(['NotFoundError']);
    const start = `mutation ($input: ImportInput!) { startImport(input: $input) { __typename } }`;
    const source = {
      uploadSessionId: Buffer.from(other.rows.UploadSession ?? '', 'base64')
        .toString()
        .split(':')[1],
    };
    expect(await outcome(start, { input: { source } })).toEqual(['NotFoundError']);
    expect(
      await outcome('mutation { createApiKey(input: { name: "x", role: ADMIN }) { __typename } }', {}),
    ).toEqual(['ForbiddenError']);
  });
});

it('a key is refused, never answered with nothing, where its role does not reach', async () => {
  const { data, errors } = await ask(all('CURATOR'), '{ apiKeys { edges { cursor } } }');
  expect(data).toBeNull();
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
});

it('a key that was revoked or has expired lets nobody in', async () => {
  const key = await makeKey('VIEWER', null);
  const viewer = '{ viewer { name } }';
  expect((await ask(key, viewer)).data).toMatchObject({ viewer: { name: expect.stringContaining('fsk_') } });
  const { data } = await ask<{ apiKeys: { edges: { node: { id: string; lastUsedAt: string | null } }[] } }>(
    admin,
    '{ apiKeys(first: 1) { edges { node { id lastUsedAt } } } }',
  );
  await ask(admin, 'mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', {
    id: data?.apiKeys.edges[0]?.node.id,
  });
  expect((await ask(key, viewer)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
});

it('a key over its requests of the minute is told when to come again, in headers too', async () => {
  const { data } = await ask<{ createApiKey: { secret: string } }>(
    admin,
    `mutation { createApiKey(input: { name: "slow", role: VIEWER, requestsPerMinute: 3, encoderSecondsPerMinute: 60 }) { ... on CreateApiKeySuccess { secret } } }`,
  );
  const send = () =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${data?.createApiKey.secret}` },
      body: '{"query":"{ viewer { name } }"}',
    });
  const answers = [await send(), await send(), await send(), await send(), await send()];
  const statuses = answers.map(({ status }) => status);
  // A minute may end in between.
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(answers[0]?.headers.get('ratelimit-limit')).toBe('3');
  expect(answers[0]?.headers.get('x-encoder-seconds-limit')).toBe('60');
  const refused = answers.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused?.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
});

describe('a photo that was deleted', () => {
  it('is served no more at once, is shown to curators alone, and is gone for good when it is erased', async () => {
    const bytes = await jpeg(patches(777, 64));
    const hash = contentHash(bytes);
    await writeFiles(join(server.folder, 'gone'), { 'a.jpg': bytes, 'b.jpg': await jpeg(patches(778, 64)) });
    const handle = await server.importFolder(join(server.folder, 'gone'), { name: 'gone' });
    await handle.finished();
    const id = Buffer.from(`Dataset:${handle.datasetId}`).toString('base64');
    const status = async (path: string, headers = admin as Record<string, string>) => {
      const response = await fetch(`${server.url}${path}`, { headers });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await status(`/files/${hash}`)).toBe(200);
    expect(await status(`/thumbnails/128/${hash}`)).toBe(200);
    const find =
      'query ($id: ID!, $hash: String!) { dataset(id: $id) { photoByHash: images(first: 10) { edges { node { id contentHash } } } } }';
    const images = await ask<{
      dataset: { photoByHash: { edges: { node: { id: string; contentHash: string } }[] } };
    }>(admin, find.replace(', $hash: String!', ''), { id });
    const photo = images.data?.dataset.photoByHash.edges.find(({ node }) => node.contentHash === hash)?.node
      .id;
    const version = await ask<{ createVersion: { version: { id: string } } }>(
      admin,
      'mutation ($id: ID!) { createVersion(datasetId: $id) { ... on CreateVersionSuccess { version { id } } } }',
      { id },
    );
    expect(version.errors).toBeUndefined();
    const erase =
      'mutation ($id: ID!, $ids: [ID!]!) { eraseImages(datasetId: $id, imageIds: $ids) { __typename ... on EraseImagesSuccess { count } ... on Error { code } } }';
    const early = await ask(admin, erase, { id, ids: [photo] });
    expect(early.data).toMatchObject({ eraseImages: { code: 'CONFLICT' } });
    await ask(
      admin,
      `mutation ($id: ID!, $ids: [ID!]!) { changeImages(input: { delete: true, selection: { datasetId: $id, ids: $ids } }) { __typename } }`,
      { id, ids: [photo] },
    );
    for (const path of [`/files/${hash}`, `/thumbnails/128/${hash}`, `/thumbnails/128/${hash}?deleted=1`]) {
      expect(await status(path, all('VIEWER')), path).toBe(404);
    }
    expect(await status(`/files/${hash}?deleted=1`)).toBe(404);
    expect(await status(`/thumbnails/128/${hash}?deleted=1`, all('CURATOR'))).toBe(200);
    expect((await ask(all('CURATOR'), erase, { id, ids: [photo] })).data).toMatchObject({
      eraseImages: { code: 'FORBIDDEN' },
    });
    expect((await ask(admin, erase, { id, ids: [photo] })).data).toMatchObject({ eraseImages: { count: 1 } });
    expect(await status(`/thumbnails/128/${hash}?deleted=1`)).toBe(404);
    expect((await ask(admin, 'query ($id: ID!) { node(id: $id) { id } }', { id: photo })).data).toEqual({
      node: null,
    });
    const { readdir } = await import('node:fs/promises');
    const kept = (await readdir(join(server.folder, 'data'), { recursive: true })).filter((name) =>
      name.includes(hash),
    );
    expect(kept).toEqual([]);
    const log = await ask<{ auditEntries: { edges: { node: { outcome: string; code: string | null } }[] } }>(
      admin,
      '{ auditEntries(action: "eraseImages") { edges { node { who outcome code } } } }',
    );
    expect(log.data?.auditEntries.edges.map(({ node }) => [node.outcome, node.code])).toEqual([
      ['DONE', null],
      ['REFUSED', 'FORBIDDEN'],
      ['REFUSED', 'CONFLICT'],
    ]);
  });

  it('is erased by itself when its days are over', async () => {
    const { data } = await ask<{ dataset: { images: { edges: { node: { id: string } }[] } } }>(
      admin,
      'query ($id: ID!) { dataset(id: $id) { images { edges { node { id } } } } }',
      { id: own.id },
    );
    const last = data?.dataset.images.edges.at(-1)?.node.id;
    await ask(
      admin,
      `mutation ($id: ID!, $ids: [ID!]!) { changeImages(input: { delete: true, selection: { datasetId: $id, ids: $ids } }) { __typename } }`,
      { id: own.id, ids: [last] },
    );
    expect(await server.services.erasure.sweep()).toBe(0);
    expect(await server.services.erasure.sweep(Date.now() + 31 * 24 * 3_600_000)).toBe(1);
    const log = await ask<{ auditEntries: { totalCount: number } }>(
      admin,
      '{ auditEntries(action: "ERASE") { totalCount } }',
    );
    expect(log.data?.auditEntries.totalCount).toBe(1);
  });
});
