import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTextQuery, makeThumbnail, readDatasetFolder, readImageInfo } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { createGate } from '../../testing/gate.js';
import { jpeg, patches, writeFiles } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { rowIdOf, untilNoticed } from '../../testing/until-noticed.js';
import { downloadExport } from '../../testing/unzip.js';
import { createStyleWorkers, type StyleWorkers } from './style-workers.js';

const PHOTOS = 12;
const MAKERS = [
  { maker: 'sketch-ink', strengths: [0.25, 0.75] },
  { maker: 'art-cartoon', strengths: [] },
  { maker: 'lowres-mosaic-8', strengths: [0.1, 0.9] },
];
// Two strengths of the sketch, one cartoon, one mosaic, which knows no strength.
const VERSIONS = 4;

let server: TestServer;

// Each photo waits here until the test lets it on; open, unless a test holds a build.
const gate = createGate();

beforeAll(async () => {
  ensureBuilt();
  gate.open();
  const workers = createStyleWorkers();
  const held: StyleWorkers = {
    ...workers,
    make: async (task) => {
      if (!task.urgent) await gate.pass();
      return workers.make(task);
    },
  };
  server = await startTestServer({ styleWorkers: held });
});
afterAll(() => {
  gate.open();
  return server.dispose();
});

/** Imports photos of these seeds, with class and split, as a dataset of that name. @returns its global id. */
async function datasetOf(name: string, seeds: readonly number[]): Promise<string> {
  const folder = join(server.folder, name);
  const files: Record<string, Uint8Array | string> = {};
  const lines = seeds.map((seed, i) =>
    JSON.stringify({
      kind: 'image',
      file: `images/${seed}.jpg`,
      captions: [`patches ${seed}`],
      class: `class ${seed % 3}`,
      split: i % 4 === 3 ? 'val' : 'train',
    }),
  );
  for (const seed of seeds) files[`images/${seed}.jpg`] = await jpeg(patches(seed, 64));
  await writeFiles(folder, { ...files, 'manifest.jsonl': lines.join('\n') });
  const handle = await server.importFolder(folder);
  expect((await handle.finished()).state).toBe('SUCCEEDED');
  return Buffer.from(`Dataset:${handle.datasetId}`).toString('base64');
}

interface JobState {
  id: string;
  state: string;
  total: number;
  done: number;
  failed: number;
  message: string | null;
}

const BUILD = `mutation ($input: BuildQueriesInput!) { buildQueries(input: $input) { __typename
  ... on BuildQueriesSuccess { job { id } } ... on Error { message } } }`;

async function begin(datasetId: string, more: object = {}) {
  const { data, errors } = await server.query<{
    buildQueries: { __typename: string; job?: { id: string }; message?: string };
  }>(BUILD, { input: { datasetId, makers: MAKERS, ...more } });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.buildQueries;
}

async function jobOf(id: string): Promise<JobState> {
  const { data } = await server.query<{ job: JobState }>(
    'query ($id: ID!) { job(id: $id) { id state total done failed message } }',
    { id },
  );
  if (!data) throw new Error('no job');
  return data.job;
}

async function until(id: string, enough: (job: JobState) => boolean): Promise<JobState> {
  for (;;) {
    const job = await jobOf(id);
    if (enough(job)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const ended = ({ state }: JobState) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state);

async function build(datasetId: string, more: object = {}): Promise<JobState> {
  const begun = await begin(datasetId, more);
  if (!begun.job) throw new Error(JSON.stringify(begun));
  return until(begun.job.id, ended);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The dataset's queries as an export has them: `target style maker strength` to the hash of the picture. */
async function queriesOf(datasetId: string, name: string) {
  const folder = join(server.folder, name);
  await downloadExport(`${server.url}/exports/${datasetId}.zip`, folder);
  const { queries } = await readDatasetFolder(folder);
  const found = new Map<string, { hash: string; bytes: Buffer; class?: string; split?: string }>();
  for (const query of queries) {
    if (isTextQuery(query)) continue;
    const { maker, strength } = query.attributes;
    const bytes = await readFile(query.path);
    const key = `${query.target} ${query.style} ${maker} ${strength ?? '-'}`;
    expect(found.has(key), key).toBe(false);
    found.set(key, { hash: sha256(bytes), bytes, class: query.class, split: query.split });
  }
  return found;
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('a build', () => {
  it('gives every photo every chosen version once, with its class and split, and again adds nothing', async () => {
    const dataset = await datasetOf('whole', range(0, PHOTOS));
    const total = PHOTOS * VERSIONS;
    expect(await build(dataset)).toMatchObject({ state: 'SUCCEEDED', total, done: total, failed: 0 });
    const made = await queriesOf(dataset, 'whole-export');
    expect(made.size).toBe(total);
    expect(made.get('images/3.jpg sketch sketch-ink 0.25')).toMatchObject({ class: 'class 0', split: 'val' });
    for (const { bytes } of made.values()) expect(await readImageInfo(bytes)).toMatchObject({ width: 64 });
    expect(made.get('images/3.jpg sketch sketch-ink 0.25')?.hash).not.toBe(
      made.get('images/3.jpg sketch sketch-ink 0.75')?.hash,
    );

    expect(await build(dataset)).toMatchObject({
      state: 'SUCCEEDED',
      done: total,
      message: 'Every photo had these versions already: nothing was made.',
    });
    expect((await queriesOf(dataset, 'again-export')).size).toBe(total);
  });

  it('makes the same pictures of the same photos in any dataset and order, by its seed', async () => {
    const one = await datasetOf('one', [1, 2, 3]);
    const other = await datasetOf('other', [3, 2, 1, 30]);
    await build(one, { makers: [{ maker: 'sketch-freehand', strengths: [0.5] }], seed: 7 });
    await build(other, { makers: [{ maker: 'sketch-freehand', strengths: [0.5] }], seed: 7 });
    const [a, b] = [await queriesOf(one, 'one-export'), await queriesOf(other, 'other-export')];
    for (const [key, { hash }] of a) expect(b.get(key)?.hash, key).toBe(hash);
    expect(a.size).toBe(3);

    const third = await datasetOf('third', [1]);
    await build(third, { makers: [{ maker: 'sketch-freehand', strengths: [0.5] }], seed: 8 });
    const key = 'images/1.jpg sketch sketch-freehand 0.5';
    expect((await queriesOf(third, 'third-export')).get(key)?.hash).not.toBe(a.get(key)?.hash);
  });

  it('shows beforehand exactly what it makes', async () => {
    const dataset = await datasetOf('preview', range(40, 8));
    const { data } = await server.query<{
      previewBuild: {
        image: { fileName: string };
        versions: { maker: string; strength: number | null; url: string }[];
      }[];
    }>(
      `query ($datasetId: ID!, $makers: [MakerChoiceInput!]!) { previewBuild(datasetId: $datasetId, makers: $makers, seed: 3) {
         image { fileName } versions { maker strength url } } }`,
      { datasetId: dataset, makers: MAKERS },
    );
    await build(dataset, { seed: 3 });
    const made = await queriesOf(dataset, 'preview-export');
    expect(data?.previewBuild).toHaveLength(6);
    for (const { image, versions } of data?.previewBuild ?? []) {
      expect(versions).toHaveLength(VERSIONS);
      for (const { maker, strength, url } of versions) {
        const style = maker.split('-')[0];
        const bytes =
          made.get(`${image.fileName} ${style} ${maker} ${strength ?? '-'}`)?.bytes ?? Buffer.of();
        const shown = Buffer.from(url.replace('data:image/webp;base64,', ''), 'base64');
        expect(Buffer.compare(shown, await makeThumbnail(bytes, 320)), `${image.fileName} ${maker}`).toBe(0);
      }
    }
  });

  it('that is cancelled keeps what it made; the next one makes only the rest', async () => {
    const dataset = await datasetOf('cancelled', range(100, 60));
    gate.close();
    const id = (await begin(dataset)).job?.id ?? '';
    // Six photos of four versions are a batch.
    gate.letThrough(6);
    await until(id, ({ done }) => done === 24);
    await gate.arrived();
    await server.query('mutation ($id: ID!) { cancelJob(id: $id) { __typename } }', { id });
    await untilNoticed(server, rowIdOf(id));
    gate.open();
    // The batch that was held is the last one.
    expect(await until(id, ended)).toMatchObject({ state: 'CANCELLED', done: 48, total: 240 });
    const kept = await queriesOf(dataset, 'cancelled-export');
    expect(kept.size).toBe(48);

    expect(await build(dataset)).toMatchObject({ state: 'SUCCEEDED', total: 240, done: 240, failed: 0 });
    const whole = await queriesOf(dataset, 'finished-export');
    expect(whole.size).toBe(240);
    for (const [key, { hash }] of kept) expect(whole.get(key)?.hash, key).toBe(hash);
  });

  it('that is cancelled when all was made has succeeded', async () => {
    const dataset = await datasetOf('late', range(700, 6));
    gate.close();
    const id = (await begin(dataset)).job?.id ?? '';
    await gate.arrived();
    await server.query('mutation ($id: ID!) { cancelJob(id: $id) { __typename } }', { id });
    await untilNoticed(server, rowIdOf(id));
    gate.open();
    expect(await until(id, ended)).toMatchObject({ state: 'SUCCEEDED', done: 24, total: 24 });
  });

  it('says which versions it could not make and why, and a retry makes them once the fault is gone', async () => {
    const dataset = await datasetOf('lost', [200, 201, 202]);
    const bytes = await readFile(join(server.folder, 'lost', 'images', '201.jpg'));
    const hash = sha256(bytes);
    const file = join(server.folder, 'data', 'originals', hash.slice(0, 2), hash);
    await rm(file);
    const job = await build(dataset);
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: 12, done: 12, failed: 4 });
    const { data } = await server.query(
      'query ($id: ID!) { job(id: $id) { rejects(first: 10) { totalCount edges { node { path code state } } } } }',
      { id: job.id },
    );
    expect(data).toMatchObject({
      job: {
        rejects: {
          totalCount: 4,
          edges: expect.arrayContaining([
            {
              node: { path: 'images/201.jpg (sketch-ink at 0.25)', code: 'FILE_MISSING', state: 'FAILED' },
            },
          ]),
        },
      },
    });

    await writeFiles(join(server.folder, 'data', 'originals'), { [`${hash.slice(0, 2)}/${hash}`]: bytes });
    await server.query('mutation ($id: ID!) { retryFailed(jobId: $id) { __typename } }', { id: job.id });
    const retried = await until(job.id, ended);
    expect(retried).toMatchObject({ state: 'SUCCEEDED', total: 12, done: 12, failed: 0 });
    expect((await queriesOf(dataset, 'lost-export')).size).toBe(12);
  });

  it('makes them only of the photos behind the filter, also where its own work takes photos from there', async () => {
    const dataset = await datasetOf('filtered', range(500, 12));
    const ink = [{ maker: 'sketch-ink', strengths: [0.5] }];
    expect(await build(dataset, { makers: ink, filter: { splits: ['val'] } })).toMatchObject({ done: 3 });
    const rest = await build(dataset, {
      makers: [{ maker: 'sketch-contour', strengths: [0.5] }],
      filter: { withoutStyles: ['sketch'], createdAfter: '2001-01-01T00:00:00Z' },
    });
    expect(rest).toMatchObject({ state: 'SUCCEEDED', total: 9, done: 9 });
    const made = [...(await queriesOf(dataset, 'filtered-export')).keys()];
    expect(made.filter((key) => key.includes('sketch-ink'))).toHaveLength(3);
    expect(new Set(made.map((key) => key.split(' ')[0])).size).toBe(12);
  });

  it('asked for twice is one job; another one waits for it and then adds its own', async () => {
    const dataset = await datasetOf('busy', range(400, 6));
    const first = await begin(dataset);
    expect((await begin(dataset)).job?.id).toBe(first.job?.id);
    const second = await begin(dataset, { makers: [{ maker: 'lowres-blur', strengths: [1] }] });
    expect(second.job?.id).not.toBe(first.job?.id);
    expect(await until(second.job?.id ?? '', ended)).toMatchObject({ state: 'SUCCEEDED', done: 6 });
    expect(await until(first.job?.id ?? '', ended)).toMatchObject({ state: 'SUCCEEDED', done: 24 });
    expect((await queriesOf(dataset, 'busy-export')).size).toBe(30);
  });
});

describe('a build that cannot be', () => {
  it('is refused with what is wrong with it', async () => {
    const datasetId = await datasetOf('small', [300]);
    const refusal = async (makers: object[], seed = 0) => (await begin(datasetId, { makers, seed })).message;
    expect(await refusal([])).toMatch(/makers: expected at least one maker/);
    expect(await refusal([{ maker: 'crayon', strengths: [] }])).toMatch(
      /makers\.0\.maker: no style maker "crayon"/,
    );
    expect(await refusal([{ maker: 'sketch-ink', strengths: [0.5, 1.5] }])).toMatch(
      /makers\.0\.strengths\.1: expected 0 to 1, got 1\.5/,
    );
    expect(await refusal([{ maker: 'sketch-ink', strengths: [] }], -1)).toMatch(
      /seed: expected a whole number/,
    );
    const nowhere = Buffer.from('Dataset:00000000-0000-7000-8000-000000000000').toString('base64');
    expect((await begin(nowhere)).__typename).toBe('NotFoundError');
  });
});
