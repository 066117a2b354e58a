import { join } from 'node:path';
import { decodeImage } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS, jpeg, patches, plain, png, writeFiles, writePatches } from '../../testing/pictures.js';
import {
  allPages,
  fileNames,
  type SearchAnswer,
  search,
  searchFailure,
} from '../../testing/search-client.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

let server: TestServer;
let datasetId = '';

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');

async function importInto(target: TestServer, name: string): Promise<string> {
  const handle = await target.importFolder(join(target.folder, name));
  expect((await handle.finished()).state).toBe('SUCCEEDED');
  return globalId('Dataset', handle.datasetId);
}

beforeAll(async () => {
  server = await startTestServer();
  const files: Record<string, Uint8Array> = {};
  for (const [name, colour] of Object.entries(COLOURS)) files[`${name}.jpg`] = await jpeg(plain(colour));
  await writeFiles(join(server.folder, 'colours'), files);
  await writePatches(join(server.folder, 'patches'), 40);
  datasetId = await importInto(server, 'colours');
  await importInto(server, 'patches');
});
afterAll(() => server.dispose());

const cosine = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

describe('ranking', () => {
  it('of a single part is by cosine, exactly as a scan over all photos would rank', async () => {
    const model = createTestEncoder();
    const [query] = await model.encodeTexts(['blue and white']);
    const photos = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const [vector] = await model.encodeImages([await decodeImage(await jpeg(patches(i)))]);
        return {
          name: `${String(i).padStart(4, '0')}.jpg`,
          score: vector && query ? cosine(query, vector) : 0,
        };
      }),
    );
    photos.sort((a, b) => b.score - a.score);
    const answer = await search(
      server,
      { all: [{ text: 'blue and white', weight: 3 }] },
      { first: 46, mode: 'MEANING' },
    );
    const ranked = answer.edges.filter(({ node }) => /^\d/.test(node.fileName));
    expect(ranked.map(({ node }) => node.fileName)).toEqual(photos.map(({ name }) => name));
    ranked.forEach(({ score, contributions: [only] }, i) => {
      expect(only?.similarity).toBeCloseTo(photos[i]?.score ?? 0, 5);
      // In deviations of the encoder's background for texts.
      expect(score).toBeCloseTo(((photos[i]?.score ?? 0) - 0.1) / 0.2, 4);
    });
    expect(answer).toMatchObject({ exactness: 'EXACT', galleryCount: 46 });
    expect(answer.edges.map(({ rank }) => rank)).toEqual(Array.from({ length: 46 }, (_, i) => i + 1));
  });

  it('finds a photo by its own bytes as base64, upload, gallery photo and raw vector alike', async () => {
    const bytes = await jpeg(plain(COLOURS.green));
    const upload = await fetch(`${server.url}/uploads`, {
      method: 'POST',
      body: bytes,
      headers: { 'content-type': 'image/jpeg' },
    });
    const { uploadId } = (await upload.json()) as { uploadId: string };
    const [vector] = await createTestEncoder().encodeImages([await decodeImage(bytes)]);
    const byText = await search(server, { all: [{ text: 'green' }] }, { first: 1 });
    const sources = [
      { image: { base64: Buffer.from(bytes).toString('base64') } },
      { image: { base64: `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}` } },
      { image: { uploadId } },
      { image: { id: byText.edges[0]?.node.id } },
      { vector: Array.from(vector ?? [], (value) => value * 7) },
    ];
    for (const source of sources) {
      const answer = await search(server, { all: [source] }, { first: 3 });
      expect(fileNames(answer)[0], JSON.stringify(source).slice(0, 60)).toBe('green.jpg');
      expect(answer.edges[0]?.contributions[0]?.similarity).toBeCloseTo(1, 5);
    }
  });

  it('of several parts adds up: the contributions of each hit sum to its score', async () => {
    const image = { base64: Buffer.from(await png(plain(COLOURS.yellow))).toString('base64') };
    const answer = await search(server, {
      all: [
        { text: 'red', weight: 0.5 },
        { image, weight: 2 },
      ],
      not: [{ text: 'green' }],
    });
    expect(answer.parts.map(({ index, kind, negative }) => [index, kind, negative])).toEqual([
      [0, 'TEXT', false],
      [1, 'IMAGE', false],
      [2, 'TEXT', true],
    ]);
    for (const { score, contributions } of answer.edges) {
      expect(contributions.map(({ part, kind }) => [part, kind])).toEqual([
        [0, 'MEANING'],
        [1, 'MEANING'],
        [2, 'MEANING'],
        [0, 'WORDS'],
        [2, 'WORDS'],
      ]);
      const sum = contributions.reduce((total, { value }) => total + value, 0);
      expect(Math.abs(sum - score)).toBeLessThan(1e-9);
      for (const { negative, value } of contributions) if (negative) expect(value).toBeLessThanOrEqual(0);
    }
    const ranks = (name: string) => fileNames(answer).indexOf(name);
    expect(ranks('yellow.jpg')).toBeLessThan(ranks('green.jpg') === -1 ? 99 : ranks('green.jpg'));
  });

  it('lowers what resembles a negative part', async () => {
    const rankOf = async (query: unknown) =>
      fileNames(await search(server, query, { first: 46 })).indexOf('white.jpg');
    const plainRank = await rankOf({ all: [{ text: 'blue' }] });
    expect(await rankOf({ all: [{ text: 'blue' }], not: [{ text: 'white' }] })).toBeGreaterThan(plainRank);
  });

  it('reports the detected style of a picture and takes an override', async () => {
    const image = { base64: Buffer.from(await png(plain([128, 128, 128]))).toString('base64') };
    const detected = await search(server, { all: [{ image }] });
    expect(detected.parts[0]?.style?.detected).toBe('sketch');
    const imposed = await search(server, { all: [{ image, style: 'ART' }] });
    expect(imposed.parts[0]?.style?.detected).toBe('art');
  });

  it('looks only into the datasets that are named', async () => {
    const answer = await search(server, { all: [{ text: 'red' }] }, { datasets: [datasetId] });
    expect(answer.galleryCount).toBe(6);
    expect(fileNames(answer).sort()).toEqual(
      Object.keys(COLOURS)
        .map((name) => `${name}.jpg`)
        .sort(),
    );
    expect((await search(server, { all: [{ text: 'red' }] }, { datasets: [] })).edges).toEqual([]);
  });
});

describe('a query that cannot be answered', () => {
  it.each<[string, unknown, string]>([
    ['no part', { all: [] }, 'BAD_USER_INPUT'],
    ['a part of nothing', { all: [{}] }, 'BAD_USER_INPUT'],
    ['a part of two things', { all: [{ text: 'a', vector: [1] }] }, 'BAD_USER_INPUT'],
    ['an empty text', { all: [{ text: '  ' }] }, 'BAD_USER_INPUT'],
    ['a vector of another length', { all: [{ vector: [1, 2] }] }, 'BAD_USER_INPUT'],
    ['a vector of zeros', { all: [{ vector: new Array(64).fill(0) }] }, 'BAD_USER_INPUT'],
    ['a weight below zero', { all: [{ text: 'a', weight: -1 }] }, 'BAD_USER_INPUT'],
    [
      'weights that are all zero',
      {
        all: [
          { text: 'a', weight: 0 },
          { text: 'b', weight: 0 },
        ],
      },
      'BAD_USER_INPUT',
    ],
    ['base64 of no picture', { all: [{ image: { base64: 'aGVsbG8=' } }] }, 'BAD_USER_INPUT'],
    ['text that is not base64', { all: [{ image: { base64: '%%%' } }] }, 'BAD_USER_INPUT'],
    ['two sources of one picture', { all: [{ image: { base64: 'a', url: 'b' } }] }, 'BAD_USER_INPUT'],
    ['an unknown upload', { all: [{ image: { uploadId: 'f'.repeat(64) } }] }, 'NOT_FOUND'],
    ['an upload that is a path', { all: [{ image: { uploadId: '../../etc/passwd' } }] }, 'NOT_FOUND'],
    [
      'an unknown photo',
      { all: [{ image: { id: globalId('Image', '018f0000-0000-7000-8000-000000000000') } }] },
      'NOT_FOUND',
    ],
    ['an id of something else', { all: [{ image: { id: globalId('Dataset', 'x') } }] }, 'BAD_USER_INPUT'],
    ['a weight above 100', { all: [{ text: 'a', weight: 101 }] }, 'BAD_USER_INPUT'],
    ['signs that nobody sees', { all: [{ like: { text: '\u200b\u00ad \u2800' } }] }, 'BAD_USER_INPUT'],
    ['two things in one part', { all: [{ like: { text: 'a' }, text: 'b' }] }, 'BAD_USER_INPUT'],
    ['two things in one leaf', { all: [{ like: { text: 'a', vector: [1] } }] }, 'BAD_USER_INPUT'],
    ['an unknown style', { all: [{ like: { text: 'a' }, styleName: 'cubist' }] }, 'BAD_USER_INPUT'],
    ['too many parts', { all: new Array(17).fill({ text: 'a' }) }, 'BAD_USER_INPUT'],
    ['a private address', { all: [{ image: { url: 'http://127.0.0.1/a.png' } }] }, 'BAD_USER_INPUT'],
  ])('is refused with a code: %s', async (_name, query, code) => {
    expect(await searchFailure(server, query)).toMatchObject({ code });
  });

  it('names the place of the mistake', async () => {
    const failure = await searchFailure(server, { all: [{ text: 'a' }], not: [{ vector: [1] }] });
    expect(failure?.message).toBe('query.not.0.vector: expected 64 numbers for this model, got 1');
  });

  it('is refused for an unknown dataset, a page too large, and cursors that are not of this search', async () => {
    const red = { all: [{ text: 'red' }] };
    const unknown = globalId('Dataset', '018f0000-0000-7000-8000-000000000000');
    expect(await searchFailure(server, red, { datasets: [unknown] })).toMatchObject({ code: 'NOT_FOUND' });
    const cut = await searchFailure(server, red, { datasets: [unknown.slice(3)] });
    expect(cut).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('is not an id that this server gives out'),
    });
    expect(await searchFailure(server, red, { first: 101 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await searchFailure(server, red, { first: -1 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await searchFailure(server, red, { after: 'nonsense' })).toMatchObject({ code: 'CURSOR_INVALID' });
    const { pageInfo } = await search(server, red, { first: 2 });
    const cursor = pageInfo.endCursor ?? '';
    const bytes = Buffer.from(cursor, 'base64url');
    // A rank that no page has, under the signature of another.
    const forged = Buffer.from(bytes.toString('latin1').replace(/,2,"/, ',4294967295,"'), 'latin1');
    expect(forged.equals(bytes)).toBe(false);
    for (const after of [forged.toString('base64url'), cursor.slice(0, -4), `${cursor}AAAA`]) {
      expect(await searchFailure(server, red, { after })).toMatchObject({ code: 'CURSOR_INVALID' });
    }
    for (const more of [{ datasets: [datasetId] }, { mode: 'MEANING' }, { filter: { classes: ['x'] } }]) {
      expect(await searchFailure(server, red, { after: cursor, ...more })).toMatchObject({
        code: 'CURSOR_OF_ANOTHER_QUERY',
      });
    }
    const blue = await searchFailure(server, { all: [{ text: 'blue' }] }, { after: cursor });
    expect(blue).toMatchObject({ code: 'CURSOR_OF_ANOTHER_QUERY' });
  });
});

describe('pages', () => {
  const query = { all: [{ text: 'red and blue' }] };

  it('neither repeat nor skip a photo while photos are being added, and keep the ranking of their first moment', async () => {
    const before = fileNames(await search(server, query, { first: 100 }));
    // The new photos rank all over the list, before and behind the cursor.
    await writePatches(join(server.folder, 'later'), 30, 500);
    let imported = false;
    const pages = await allPages(server, query, 7, async (page) => {
      if (page !== 2) return;
      await importInto(server, 'later');
      imported = true;
    });
    expect(imported).toBe(true);
    expect(pages.flatMap(fileNames)).toEqual(before);
    expect(pages.flatMap(({ edges }) => edges.map(({ rank }) => rank))).toEqual(before.map((_, i) => i + 1));
    expect(pages.every(({ galleryCount }) => galleryCount === before.length)).toBe(true);
    expect((await search(server, query, { first: 100 })).galleryCount).toBe(before.length + 30);
  });

  it('neither repeat nor skip where scores are equal', async () => {
    // The same pictures once more, as another dataset: each score stands twice.
    await writePatches(join(server.folder, 'twins'), 40);
    await importInto(server, 'twins');
    const pages = await allPages(server, query, 5, undefined, { collapse: 'NONE' });
    const ids = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(pages[0]?.galleryCount ?? 0);
    const scores = pages.flatMap(({ edges }) => edges.map(({ score }) => score));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBeLessThan(scores.length);
    // Told as one, they are as many as there are contents, each with its twin.
    const told = await allPages(server, query, 5);
    expect(told.flatMap(fileNames)).toHaveLength((pages[0]?.galleryCount ?? 0) - 40);
    expect(told.flatMap(({ edges }) => edges).filter(({ copyCount }) => copyCount === 1)).toHaveLength(40);
  });
});

describe('a gallery above the limit of exact search', () => {
  let indexed: TestServer;
  let few = '';
  const query = { all: [{ text: 'yellow' }] };
  const top = async (target: TestServer, first: number) => fileNames(await search(target, query, { first }));

  beforeAll(async () => {
    indexed = await startTestServer({ searchLimits: { exactUpTo: 60, fallbackUpTo: 150 } });
    await writePatches(join(indexed.folder, 'many'), 120);
    await writePatches(join(indexed.folder, 'few'), 20, 900);
    await importInto(indexed, 'many');
    few = await importInto(indexed, 'few');
  });
  afterAll(() => indexed.dispose());

  it('is asked through its index, says so, and finds what a scan finds', async () => {
    const answer = await search(indexed, query, { first: 10 });
    expect(answer.exactness).toBe('APPROXIMATE');
    const { services } = indexed;
    const live = services.models.require();
    expect(live.model.dimensions).toBe(64);
    const exact = await search(indexed, { all: [{ text: 'yellow' }] }, { first: 10, datasets: [few] });
    expect(exact.exactness).toBe('EXACT');
    const everything: SearchAnswer[] = await allPages(indexed, query, 25);
    const scores = everything.flatMap(({ edges }) => edges.map(({ score }) => score));
    expect(answer.edges.map(({ score }) => score)).toEqual(scores.slice(0, 10));
    expect(await top(indexed, 10)).toEqual(everything.flatMap(fileNames).slice(0, 10));
  });

  it('is paged to its end without repeats', async () => {
    const pages = await allPages(indexed, query, 30);
    const ids = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(140);
  });

  it('loses no photo where a page ends among photos that look the same', async () => {
    const alike = await startTestServer({ searchLimits: { exactUpTo: 0, fallbackUpTo: 0 } });
    try {
      for (const name of ['once', 'twice', 'thrice']) {
        await writePatches(join(alike.folder, name), 6);
        await importInto(alike, name);
      }
      for (const first of [1, 2, 4]) {
        const pages = await allPages(alike, query, first, undefined, { collapse: 'NONE' });
        expect(pages[0]?.exactness).toBe('APPROXIMATE');
        const ids = pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));
        expect(new Set(ids).size, `pages of ${first}`).toBe(18);
        expect(ids, `pages of ${first}`).toHaveLength(18);
      }
    } finally {
      await alike.dispose();
    }
  });
});
