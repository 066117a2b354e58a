import { join } from 'node:path';
import type { EmbeddingModel } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, patches, plain, png, writeFiles } from '../../testing/pictures.js';
import { fileNames, search } from '../../testing/search-client.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

/** How scores spread by chance: photos from 2.5 deviations on are shown. */
const scale = {
  gallery: 12,
  floor: 0,
  kinds: { text: { location: 2.5, scale: 0.5 }, photo: { location: 1, scale: 0.5 } },
};
const model: EmbeddingModel = { ...createTestEncoder(), relevance: scale };

let server: TestServer;
let batches: number[] = [];
beforeAll(async () => {
  const { encodeTexts } = model;
  server = await startTestServer({
    model: {
      ...model,
      encodeTexts: (texts) => {
        batches.push(texts.length);
        return encodeTexts(texts);
      },
    },
  });
  const files: Record<string, Uint8Array> = {};
  const lines = Array.from({ length: 12 }, (_, i) => ({
    kind: 'image',
    file: `images/p${i}.jpg`,
    captions: i === 3 ? ['A giraffe eats leaves'] : i < 6 ? ['two dogs on a beach'] : [],
    class: i % 2 === 0 ? 'even' : 'odd',
    split: i < 4 ? 'val' : 'train',
    camera: i === 5 ? 'Leica' : 'Canon',
  }));
  for (let i = 0; i < 12; i++) files[`images/p${i}.jpg`] = await jpeg(patches(i));
  files['manifest.jsonl'] = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));
  await writeFiles(join(server.folder, 'zoo'), files);
  expect((await (await server.importFolder(join(server.folder, 'zoo'))).finished()).state).toBe('SUCCEEDED');
});
afterAll(() => server.dispose());

const like = (text: string) => ({ like: { text } });

describe('words that stand with photos', () => {
  it.each(['giraffe', 'giraffes', 'Girafe', 'gira', 'giarffe'])(
    'find a photo whatever the model thinks of it: %s',
    async (text) => {
      const answer = await search(server, { all: [like(text)] });
      expect(fileNames(answer)[0]).toBe('images/p3.jpg');
      const words = answer.edges[0]?.contributions.find(({ kind }) => kind === 'WORDS');
      expect(words?.value).toBeGreaterThan(4);
      expect(fileNames(await search(server, { all: [like(text)] }, { mode: 'WORDS' }))).toEqual([
        'images/p3.jpg',
      ]);
      expect(fileNames(await search(server, { all: [like(text)] }, { mode: 'MEANING' }))).toEqual([]);
    },
  );

  it('rank by how many of them stand there, and push down where they are not wanted', async () => {
    const both = await search(server, { all: [like('dogs and a giraffe')] }, { mode: 'WORDS' });
    expect(fileNames(both)[0]).toBe('images/p3.jpg');
    expect(both.edges).toHaveLength(6);
    const none = await search(server, { all: [like('giraffe')], not: [like('giraffe')] });
    expect(none.edges).toEqual([]);
    expect(none.nothing?.reason).toBe('TAKEN_AWAY');
  });

  it('need words to look for', async () => {
    const { errors } = await server.query(
      'query { search(query: { all: [{ like: { text: "the" } }] }, mode: WORDS) { edges { rank } } }',
    );
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('the floor', () => {
  it('answers what nothing resembles with nothing, says why, and shows the weaker hits when asked', async () => {
    const answer = await search(server, { all: [like('xqzv')] });
    expect(answer).toMatchObject({ edges: [], nothing: { reason: 'NO_MATCH' }, floor: 0, floorScore: 2.5 });
    const weak = await search(server, { all: [like('xqzv')] }, { showWeak: true });
    expect(weak.edges).toHaveLength(12);
    expect(weak.weakestShown).toBe(weak.edges.at(-1)?.score);
    const { data } = await server.query<{ search: object }>(
      'query { search(query: { all: [{ like: { text: "xqzv" } }] }) { belowFloorCount totalCount } }',
    );
    expect(data?.search).toEqual({ belowFloorCount: 12, totalCount: 0 });
  });

  it('asks the best hit for more than the others: with it come weaker ones, without it nothing', async () => {
    const { location } = scale.kinds.text;
    scale.kinds.text.location = -0.5;
    const red = (options: object = {}) =>
      search(server, { all: [like('red')] }, { mode: 'MEANING', ...options });
    const open = await red();
    const [best = 0, second = 0] = open.edges.map(({ relevance }) => relevance ?? 0);
    expect(open.edges.length).toBeGreaterThan(2);
    try {
      scale.floor = (best + second) / 2;
      expect(fileNames(await red())).toEqual(fileNames(open));
      expect(fileNames(await red({ orderBy: { by: 'FILE_NAME', descending: false } })).sort()).toEqual(
        fileNames(open).sort(),
      );
      scale.floor = best + 0.1;
      for (const options of [{}, { orderBy: { by: 'FILE_NAME', descending: false } }]) {
        expect(await red(options)).toMatchObject({ edges: [], nothing: { reason: 'NO_MATCH' } });
      }
      expect(fileNames(await red({ minRelevance: 0 }))).toEqual(fileNames(open));
      const { data } =
        await server.query(`{ search(query: { all: [{ like: { text: "red" } }] }, mode: MEANING) {
        totalCount belowFloorCount floor matchFloor facets { classes { count } } } }`);
      expect(data?.search).toEqual({
        ...{
          totalCount: 0,
          belowFloorCount: expect.any(Number),
          floor: 0,
          matchFloor: scale.floor,
          facets: { classes: [] },
        },
      });
      const called = await search(server, { all: [like('giraffe')] });
      expect(fileNames(called)[0]).toBe('images/p3.jpg');
    } finally {
      scale.floor = 0;
      scale.kinds.text.location = location;
    }
  });

  it('may be set by the search: every hit is at least as relevant', async () => {
    const all = await search(server, { all: [like('red')] }, { showWeak: true, mode: 'MEANING' });
    const middle = all.edges[5]?.relevance ?? 0;
    const answer = await search(server, { all: [like('red')] }, { minRelevance: middle, mode: 'MEANING' });
    expect(fileNames(answer)).toEqual(fileNames(all).slice(0, 6));
  });

  it('calls an empty sheet empty', async () => {
    const base64 = Buffer.from(await png(plain([255, 255, 255]))).toString('base64');
    const answer = await search(server, { all: [{ like: { sketch: { base64 } } }] });
    expect(answer).toMatchObject({
      edges: [],
      nothing: { reason: 'EMPTY_PICTURE' },
      parts: [{ blank: true }],
    });
  });
});

describe('what is not wanted', () => {
  it('alone shows every photo, those that resemble it last, and none with a score above 0', async () => {
    const answer = await search(server, { not: [like('red')] }, { mode: 'MEANING' });
    expect(answer.edges).toHaveLength(12);
    expect(Math.max(...answer.edges.map(({ score }) => score))).toBe(0);
    const red = await search(server, { all: [like('red')] }, { showWeak: true, mode: 'MEANING' });
    expect(fileNames(answer).at(-1)).toBe(fileNames(red)[0]);
  });

  it('lifts no photo: with it each scores at most what it scores without', async () => {
    const options = { showWeak: true, mode: 'MEANING' };
    const scores = async (query: object) =>
      new Map((await search(server, query, options)).edges.map(({ node, score }) => [node.id, score]));
    const [without, with_] = [
      await scores({ all: [like('blue')] }),
      await scores({ all: [like('blue')], not: [like('red')] }),
    ];
    for (const [id, score] of with_) expect(score).toBeLessThanOrEqual(without.get(id) ?? -1);
  });
});

describe('a filter', () => {
  it.each<[string, object, string[]]>([
    ['a class and a split', { classes: ['even'], splits: ['val'] }, ['p0', 'p2']],
    ['one or the other', { or: [{ fileName: 'p1.' }, { fileName: 'p7' }] }, ['p1', 'p7']],
    ['not', { not: { or: [{ classes: ['even'] }, { splits: ['train'] }] } }, ['p1', 'p3']],
    ['an attribute', { attributes: [{ name: 'camera', values: ['Leica'] }] }, ['p5']],
    ['and', { and: [{ caption: 'dogs' }, { classes: ['odd'] }] }, ['p1', 'p5']],
  ])('takes the photos of a search by %s', async (_name, filter, expected) => {
    const answer = await search(server, { all: [like('red')] }, { showWeak: true, filter });
    expect(fileNames(answer).sort()).toEqual(expected.map((name) => `images/${name}.jpg`));
    expect(answer.exactness).toBe('EXACT');
  });

  it('counts the facets of everything that was found, not of the page', async () => {
    const { data } = await server.query<{ search: { facets: { classes: object[]; splits: object[] } } }>(
      `query { search(query: { all: [{ like: { text: "beach" } }] }, first: 1, mode: WORDS) {
        facets { classes { value count } splits { value count } } } }`,
    );
    expect(data?.search.facets.classes).toEqual([
      { value: 'even', count: 3 },
      { value: 'odd', count: 2 },
    ]);
  });
});

it('sorts what is above the floor by name, page after page', async () => {
  const orderBy = { by: 'FILE_NAME', descending: false };
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await search(server, { all: [like('beach')] }, { mode: 'WORDS', orderBy, first: 2, after });
    names.push(...fileNames(page));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(names).toEqual(['p0', 'p1', 'p2', 'p4', 'p5'].map((name) => `images/${name}.jpg`));
});

it('leaves out the photo that is itself the query', async () => {
  const [first] = (await search(server, { all: [like('giraffe')] })).edges;
  const query = { all: [{ like: { imageId: first?.node.id } }] };
  expect((await search(server, query, { showWeak: true })).edges[0]?.node.id).toBe(first?.node.id);
  const others = await search(server, query, { showWeak: true, excludeSelf: true });
  expect(others.edges).toHaveLength(11);
  expect(others.edges.map(({ node }) => node.id)).not.toContain(first?.node.id);
});

it('encodes the texts of several searches in one batch, and one that is wrong leaves the others alone', async () => {
  batches = [];
  const { data, errors } = await server.query<Record<string, { edges: object[] } | null>>(
    `query { a: search(query: { all: [{ like: { text: "red" } }] }) { edges { rank } }
      b: search(query: { all: [{ like: { text: "blue" } }] }) { edges { rank } }
      c: search(query: { all: [{ like: { text: "" } }] }) { edges { rank } } }`,
  );
  expect(batches).toEqual([2]);
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.path).toEqual(['c']);
  expect(data).toMatchObject({ a: { edges: expect.any(Array) }, b: { edges: expect.any(Array) }, c: null });
});
