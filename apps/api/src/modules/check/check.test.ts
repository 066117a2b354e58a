import { join } from 'node:path';
import { encodeJpeg, type RgbImage, resizeImage } from '@freestyle/core';
import { makeScene } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, plain, writeFiles } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

const PHOTOS = 30;
const COPIES = 7;

let server: TestServer;
let dataset = '';

beforeAll(async () => {
  server = await startTestServer();
  const files: Record<string, Uint8Array | string> = {};
  const lines: object[] = [];
  const add = (file: string, bytes: Uint8Array, split: string) => {
    files[file] = bytes;
    lines.push({ kind: 'image', file, split });
  };
  for (let i = 0; i < PHOTOS; i++) {
    const { image } = await makeScene(i);
    add(`${i}.jpg`, await jpeg(image), i % 2 === 0 ? 'train' : 'val');
    // The same again, smaller and in a poor quality: one in the other split, one in its own.
    const small = await encodeJpeg(await resizeImage(image, 90, 90), 40);
    if (i === 4) add('copy of 4.jpg', small, 'val');
    if (i === 6) add('copy of 6.jpg', small, 'train');
    if (i === 8) add('mirrored 8.jpg', await jpeg(mirrored(image)), 'val');
    if (i === 10) add('cut 10.jpg', await jpeg(cut(image, 0.1)), 'val');
    if (i === 12) add('tinted 12.jpg', await jpeg(tinted(image)), 'val');
  }
  // Without any structure, so that only their vectors can tell that they are alike.
  add('red.jpg', await jpeg(plain([200, 20, 20])), 'train');
  add('rather red.jpg', await jpeg(plain([202, 22, 20])), 'val');
  files['manifest.jsonl'] = lines.map((line) => JSON.stringify(line)).join('\n');
  const folder = join(server.folder, 'photos');
  await writeFiles(folder, files);
  const handle = await server.importFolder(folder);
  await handle.finished();
  dataset = Buffer.from(`Dataset:${handle.datasetId}`).toString('base64');
});
afterAll(() => server.dispose());

function mapped(image: RgbImage, width: number, from: (x: number) => number): RgbImage {
  const data = new Uint8Array(width * image.height * 3);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        data[(y * width + x) * 3 + c] = image.data[(y * image.width + from(x)) * 3 + c] ?? 0;
  return { width, height: image.height, data };
}
const mirrored = (image: RgbImage) => mapped(image, image.width, (x) => image.width - 1 - x);
const cut = (image: RgbImage, share: number) => {
  const left = Math.round(image.width * share);
  return mapped(image, image.width - left, (x) => x + left);
};
const tinted = (image: RgbImage): RgbImage => ({
  ...image,
  data: image.data.map((value, p) => Math.min(255, value * ([0.75, 1.05, 1.2][p % 3] ?? 1) + 12)),
});

const ACROSS = [
  '10.jpg + cut 10.jpg',
  '12.jpg + tinted 12.jpg',
  '4.jpg + copy of 4.jpg',
  '8.jpg + mirrored 8.jpg',
];

interface Leaks {
  dataset: {
    nearDuplicateCount: number;
    checkedAt: string | null;
    leaks: {
      totalCount: number;
      edges: {
        node: {
          image: { fileName: string; split: string };
          other: { fileName: string; split: string };
          hashBits: number | null;
          similarity: number | null;
        };
      }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}

async function leaks(first = 10, after?: string) {
  const { data, errors } = await server.query<Leaks>(
    `query ($id: ID!, $first: Int, $after: String) { dataset(id: $id) { nearDuplicateCount checkedAt
       leaks(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
         edges { node { image { fileName split } other { fileName split } hashBits similarity } } } } }`,
    { id: dataset, first, after },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.dataset;
}

async function check(
  similarity?: number,
): Promise<{ state: string; total: number; done: number; message: string }> {
  const { data, errors } = await server.query<{ checkDataset: { job: { id: string } } }>(
    `mutation ($id: ID!, $similarity: Float) { checkDataset(datasetId: $id, similarity: $similarity) {
       ... on CheckDatasetSuccess { job { id } } } }`,
    { id: dataset, similarity },
  );
  const id = data?.checkDataset.job?.id;
  if (!id) throw new Error(JSON.stringify(errors ?? data));
  for (;;) {
    const answer = await server.query<{
      job: { state: string; total: number; done: number; message: string };
    }>('query ($id: ID!) { job(id: $id) { state total done message } }', { id });
    const job = answer.data?.job;
    if (job && ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const namesIn = ({ image, other }: Leaks['dataset']['leaks']['edges'][number]['node']) => [
  image.fileName,
  other.fileName,
];
const namesOf = ({ leaks: { edges } }: Leaks['dataset']) =>
  edges.map(({ node }) => namesIn(node).sort().join(' + ')).sort();

describe('a check', () => {
  it('finds copies in another size and quality by hash, flat ones by vector, and leaks between splits alone', async () => {
    expect(await leaks()).toMatchObject({ nearDuplicateCount: 0, checkedAt: null });
    // Above what these drawn scenes have in common.
    const job = await check(0.999);
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: PHOTOS + COPIES, done: PHOTOS + COPIES });
    const found = await leaks();
    expect(namesOf(found)).toEqual([...ACROSS, 'rather red.jpg + red.jpg']);
    const copy = found.leaks.edges.find(({ node }) => namesIn(node).includes('copy of 4.jpg'))?.node;
    expect(copy?.hashBits).toBeLessThanOrEqual(7);
    expect(new Set([copy?.image.split, copy?.other.split])).toEqual(new Set(['train', 'val']));
    const red = found.leaks.edges.find(({ node }) => namesIn(node).includes('red.jpg'))?.node;
    expect(red?.hashBits).toBeNull();
    expect(red?.similarity).toBeGreaterThan(0.999);
    // With the pair that lies within one split.
    expect(found.nearDuplicateCount).toBe(12);
    expect(found.checkedAt).not.toBeNull();
  });

  it('replaces what the one before found, and gives it in pages', async () => {
    const strict = await leaks();
    await check(0.9);
    expect((await leaks()).nearDuplicateCount).toBeGreaterThanOrEqual(strict.nearDuplicateCount);
    await check(0.999);
    expect(namesOf(await leaks())).toEqual(namesOf(strict));
    const first = await leaks(1);
    expect(first.leaks).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
    const second = await leaks(4, first.leaks.pageInfo.endCursor);
    expect(second.leaks.pageInfo.hasNextPage).toBe(false);
    expect([...namesOf(first), ...namesOf(second)].sort()).toEqual(namesOf(strict));
  });

  it('finds copies alone where no likeness is given: cut, mirrored and in other colours, and no other scene', async () => {
    await check();
    const found = await leaks();
    expect(namesOf(found)).toEqual(ACROSS);
    expect(found.nearDuplicateCount).toBe(10);
  });

  it('refuses a likeness that would join everything', async () => {
    await expect(check(0.1)).rejects.toThrow();
  });
});

describe('splitting by lot', () => {
  const SPLIT = `mutation ($input: SplitDatasetInput!) { splitDataset(input: $input) { __typename
    ... on SplitDatasetSuccess { change { id kind count summary } } ... on Error { message } } }`;
  const split = async (parts: object[], seed = 0) => {
    const { data, errors } = await server.query<{
      splitDataset: { __typename: string; message?: string; change?: { id: string; count: number } };
    }>(SPLIT, { input: { datasetId: dataset, parts, seed } });
    if (!data) throw new Error(JSON.stringify(errors));
    return data.splitDataset;
  };
  const splits = async () => {
    const { data } = await server.query<{
      dataset: { images: { edges: { node: { fileName: string; split: string } }[] } };
    }>('query ($id: ID!) { dataset(id: $id) { images(first: 100) { edges { node { fileName split } } } } }', {
      id: dataset,
    });
    return Object.fromEntries(
      data?.dataset.images.edges.map(({ node }) => [node.fileName, node.split]) ?? [],
    );
  };
  const PARTS = [
    { name: 'train', share: 0.5 },
    { name: 'val', share: 0.25 },
    { name: 'test', share: 0.25 },
  ];

  it('leaves no leak, is the same again by its seed, and can be undone', async () => {
    const before = await splits();
    const done = await split(PARTS, 4);
    expect(done.__typename).toBe('SplitDatasetSuccess');
    const after = await splits();
    const counts = PARTS.map(({ name }) => Object.values(after).filter((one) => one === name).length);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(PHOTOS + COPIES);
    expect(counts[0]).toBeGreaterThanOrEqual(17);
    expect(counts[0]).toBeLessThanOrEqual(20);
    expect((await leaks()).leaks.totalCount).toBe(0);
    expect(done.change?.count).toBe(Object.keys(after).filter((name) => after[name] !== before[name]).length);

    expect((await split(PARTS, 4)).change?.count).toBe(0);
    await server.query('mutation ($id: ID!) { undoChange(id: $id) { __typename } }', { id: done.change?.id });
    expect(await splits()).toEqual(before);
    await split(PARTS, 4);
    expect(await splits()).toEqual(after);
  });

  it('refuses shares that do not add up, and names that stand there twice', async () => {
    expect((await split([{ name: 'a', share: 0.5 }])).message).toMatch(/shares that add up to 1, got 0.5/);
    expect((await split([])).message).toMatch(/expected 1 to 20 parts/);
    const twice = [
      { name: 'a', share: 0.5 },
      { name: ' a', share: 0.5 },
    ];
    expect((await split(twice)).message).toMatch(/parts\.1\.name: "a" stands there already/);
    expect((await split([{ name: 'a', share: -1 }])).message).toMatch(/more than 0 and at most 1, got -1/);
  });
});
