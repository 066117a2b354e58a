import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readBundle } from '@freestyle/core';
import { backboneFolder } from '@freestyle/core/models';
import { writeTinyClip, writeTinySiglip } from '@freestyle/core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../../testing/build.js';
import { type HubStandIn, startHubStandIn } from '../../../testing/hub-stand-in.js';
import { asked, endOf, globalId, mutate } from '../../../testing/model-client.js';
import { startTestServer, type TestServer, temporaryFolder } from '../../../testing/test-server.js';
import { openModel } from '../open-model.js';

const QUERY = join(dirname(backboneFolder), 'query');

let server: TestServer;
let hub: HubStandIn;
let folder = '';

beforeAll(async () => {
  ensureBuilt();
  folder = await temporaryFolder();
  await writeTinyClip(join(folder, 'clip'));
  await writeFile(join(folder, 'clip', 'README.md'), '---\nlicense: mit\n---\n# A tiny CLIP\n');
  await writeTinySiglip(join(folder, 'siglip'));
  await mkdir(join(folder, 'empty'));
  hub = await startHubStandIn({
    'someone/tiny-clip': join(folder, 'clip'),
    'someone/tiny-siglip': join(folder, 'siglip'),
    'someone/empty': join(folder, 'empty'),
  });
  server = await startTestServer({
    model: await openModel('freestyle-small', 'cpu'),
    modelName: 'freestyle-small',
    hub: { cacheFolder: join(folder, 'cache'), baseUrl: hub.baseUrl, retryDelayMs: 1 },
  });
}, 300_000);
afterAll(async () => {
  await server?.dispose();
  await hub?.close();
});
beforeEach(() => hub.cut(null));

const fetchModel = (name: string) =>
  mutate(server, `fetchModel(name: "${name}")`, '... on FetchModelSuccess { job { id } }');
const addFolder = (path: string) =>
  mutate(server, `addModelFolder(path: "${path}")`, '... on AddModelFolderSuccess { job { id } }');

interface Row {
  id: string;
  kind: string;
  name: string;
  dimensions: number;
  origin: string;
  licence: string | null;
  byteSize: number;
  isLive: boolean;
  contentHash: string;
  spaceHash: string;
  trouble: string | null;
  backbone: { name: string } | null;
}

const rows = async (): Promise<Row[]> => {
  const { models } = await asked<{ models: { edges: { node: Row }[] } }>(
    server,
    '{ models(first: 50) { edges { node { id kind name dimensions origin licence byteSize isLive contentHash spaceHash trouble backbone { name } } } } }',
  );
  return models.edges.map(({ node }) => node).filter(({ trouble }) => trouble === null);
};

describe('the registry', () => {
  it('has what the server was started with: the backbone, and the query encoder that is live', async () => {
    const found = await rows();
    expect(found.map(({ kind, origin, isLive }) => [kind, origin, isLive])).toEqual([
      ['QUERY_ENCODER', 'STARTED', true],
      ['BACKBONE', 'STARTED', false],
    ]);
    expect(found[0]?.backbone?.name).toContain('freestyle-small');
    expect(found[0]?.licence).toContain('Apache-2.0');
    expect(found[0]?.byteSize).toBeGreaterThan(1_000_000);
  });

  it('takes a backbone by its name on the hub, a download that was cut off going on where it was', async () => {
    hub.cut(3000);
    const cut = await fetchModel('someone/tiny-clip');
    const failed = await endOf(server, cut.job?.id);
    // 3,000 bytes at a time get there in the end, or the hub is told unreachable: both go on from what is there.
    if (failed.state === 'FAILED') expect(failed.error?.code).toMatch(/^HUB_/);
    hub.cut(null);
    if (failed.state === 'FAILED') {
      const again = await fetchModel('someone/tiny-clip');
      expect(await endOf(server, again.job?.id)).toMatchObject({ state: 'SUCCEEDED' });
    }
    expect(hub.requests.some(({ range }) => range !== null)).toBe(true);
    const row = (await rows()).find(({ name }) => name === 'someone/tiny-clip');
    expect(row).toMatchObject({
      kind: 'BACKBONE',
      origin: 'HUB',
      dimensions: 20,
      licence: 'mit',
      isLive: false,
    });
    expect(row?.contentHash).toBe(row?.spaceHash);
    expect(await fetchModel('someone/tiny-clip')).toMatchObject({
      __typename: 'ConflictError',
      message: expect.stringContaining('is here already'),
    });
  }, 180_000);

  it('tells the family by the config: a SigLIP is opened as one', async () => {
    const { job } = await fetchModel('someone/tiny-siglip');
    expect(await endOf(server, job?.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await rows())[0]).toMatchObject({ name: 'someone/tiny-siglip', kind: 'BACKBONE' });
  }, 120_000);

  it('a query encoder comes from a folder onto its backbone, and the same content twice is the same model', async () => {
    const { job } = await addFolder(QUERY);
    const end = await endOf(server, job?.id);
    expect(end.message).toContain('is here already');
    const found = (await rows()).find(
      ({ id }) => id === globalId('RegisteredModel', end.result?.modelId ?? ''),
    );
    expect(found?.isLive).toBe(true);
  }, 120_000);

  it('takes files that a browser sends, and goes on where one was cut off', async () => {
    const upload = crypto.randomUUID();
    const put = (file: string, body: Uint8Array, offset: number) =>
      fetch(`${server.url}/incoming-models/${upload}/${file}`, {
        method: 'PUT',
        headers: { 'upload-offset': String(offset) },
        body: Buffer.from(body),
      });
    for (const file of ['config.json', 'tokenizer.json', 'model.safetensors']) {
      const bytes = await readFile(join(folder, 'clip', file));
      const half = Math.floor(bytes.length / 2);
      expect((await put(file, bytes.subarray(0, half), 0)).status).toBe(200);
      expect((await put(file, bytes, 0)).status).toBe(409);
      const head = await fetch(`${server.url}/incoming-models/${upload}/${file}`, { method: 'HEAD' });
      expect(head.headers.get('upload-offset')).toBe(String(half));
      expect(await (await put(file, bytes.subarray(half), half)).json()).toEqual({ received: bytes.length });
    }
    expect((await put('..%2Fx', new Uint8Array(1), 0)).status).toBe(400);
    const { job } = await mutate(
      server,
      `addUploadedModel(upload: "${upload}", name: "my clip")`,
      '... on AddUploadedModelSuccess { job { id } }',
    );
    const end = await endOf(server, job?.id);
    // The same weights as the one from the hub.
    expect(end).toMatchObject({ state: 'SUCCEEDED', message: expect.stringContaining('here already') });
  }, 120_000);
});

describe('what does not fit is refused by name', () => {
  const ended = async (answer: Awaited<ReturnType<typeof addFolder>>) => endOf(server, answer.job?.id);

  it('a bundle with a changed byte', async () => {
    const changed = join(folder, 'changed');
    await cp(QUERY, changed, { recursive: true });
    const path = join(changed, 'weights.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
    await writeFile(path, bytes);
    const end = await ended(await addFolder(changed));
    expect(end.error).toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(/"weights\.safetensors" was changed: its sha256 is \w+, expected \w+/),
    });
  });

  it('a query encoder of another dimension, and one of a backbone that is not here', async () => {
    const { manifest } = await readBundle(QUERY);
    const variant = async (name: string, change: object) => {
      const path = join(folder, name);
      await cp(QUERY, path, { recursive: true });
      await writeFile(join(path, 'manifest.json'), JSON.stringify({ ...manifest, name, ...change }));
      return ended(await addFolder(path));
    };
    expect((await variant('wide', { dimensions: 512 })).error).toMatchObject({
      code: 'BUNDLE_MISMATCH',
      message: expect.stringMatching(
        new RegExp(`"wide" gives vectors of 512 dimensions, its space ".*" has ${manifest.dimensions}`),
      ),
    });
    const backbone = { name: 'elsewhere', hash: 'e'.repeat(64) };
    expect((await variant('stray', { backbone })).error).toMatchObject({
      code: 'BUNDLE_MISMATCH',
      message: expect.stringMatching(
        /"stray" was made for the backbone "elsewhere" \(e{12}\), which is not here/,
      ),
    });
  }, 120_000);

  it('a name that the hub does not have, one that is no name, and a folder without a model', async () => {
    for (const name of ['someone/nothing', 'someone/empty'])
      expect((await endOf(server, (await fetchModel(name)).job?.id)).error).toMatchObject({
        code: 'MODEL_UNKNOWN',
        message: expect.stringContaining(`${name} is not there`),
      });
    expect(await fetchModel('just a name')).toMatchObject({
      __typename: 'ValidationError',
      message: expect.stringContaining('expected a model on a hub such as'),
    });
    expect((await ended(await addFolder(join(folder, 'empty')))).error?.message).toContain('an empty folder');
    expect((await ended(await addFolder('/no/such/folder'))).error?.code).toBe('FOLDER_UNREADABLE');
    expect(await addFolder('relative')).toMatchObject({ __typename: 'ValidationError' });
  }, 120_000);

  it('nothing refused is left in the registry, and what answers or comes with the product stays', async () => {
    const found = await rows();
    expect(found.map(({ name }) => name).sort()).toEqual(
      ['freestyle-small', 'freestyle-small backbone', 'someone/tiny-clip', 'someone/tiny-siglip'].sort(),
    );
    for (const { id, origin } of found) {
      const answer = await mutate(
        server,
        `deleteModel(modelId: "${id}")`,
        '... on DeleteModelSuccess { freedBytes }',
      );
      if (origin === 'STARTED') expect(answer.__typename).toBe('ConflictError');
      else expect(answer.freedBytes).toBeGreaterThan(10_000);
    }
    expect(await rows()).toHaveLength(2);
  });
});
