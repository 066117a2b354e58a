import { createRandom } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BY_ID, type FacetCount } from '../../platform/database/paging.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { fillRandomDataset, type KnownPhoto, type RandomDataset } from '../../testing/random-dataset.js';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { checkFilter, IMAGE_STATES, type ImageFilter } from './filter.js';
import { FACETS, type Facet } from './filter-sql.js';
import { createImageRepository } from './repository.js';
import { createImageService, type ImageService } from './service.js';
import { createStatisticsRepository } from './statistics-repository.js';

let database: OpenTestDatabase;
let known: RandomDataset;
let images: ImageService;

beforeAll(async () => {
  database = await openTestDatabase();
  await fillRandomDataset(database.prisma, 'another', 30);
  known = await fillRandomDataset(database.prisma, 'filtered', 150);
  images = createImageService({
    images: createImageRepository(database.prisma),
    statistics: createStatisticsRepository(database.prisma),
    hasDataset: async (id) => id === known.datasetId,
    spaceId: () => known.spaceId,
  });
});
afterAll(() => database?.dispose());

/** The values of a photo that a facet counts. */
const valuesOf: Record<Facet, (photo: KnownPhoto) => readonly string[]> = {
  splits: ({ split }) => [split ?? ''],
  classes: (photo) => [photo.class ?? ''],
  tags: ({ tags }) => (tags.length === 0 ? [''] : tags),
  styles: ({ styles }) => (styles.length === 0 ? [''] : styles),
  states: ({ state }) => [state],
};

const contains = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());

/** What a filter means, said in plain loops. `null` where a condition is not asked. */
function matches(photo: KnownPhoto, filter: ImageFilter, all: readonly KnownPhoto[]): boolean {
  const side = Math.max(photo.width, photo.height);
  const alive = (id: string) => all.some((other) => other.id === id && other.state !== 'DELETED');
  const anyOf = (facet: Facet, wanted: readonly string[] | null | undefined) =>
    !wanted?.length || valuesOf[facet](photo).some((value) => wanted.includes(value));
  const states = filter.states?.length ? filter.states : (['INDEXED', 'UNINDEXED'] as const);
  return (
    states.includes(photo.state) &&
    anyOf('splits', filter.splits) &&
    anyOf('classes', filter.classes) &&
    anyOf('tags', filter.tags) &&
    anyOf('styles', filter.styles) &&
    !filter.withoutStyles?.some((style) => photo.styles.includes(style)) &&
    side >= (filter.minSide ?? 0) &&
    side <= (filter.maxSide ?? 1e9) &&
    (!filter.createdAfter || photo.createdAt >= filter.createdAfter) &&
    (!filter.createdBefore || photo.createdAt < filter.createdBefore) &&
    (!filter.caption || photo.captions.some((one) => contains(one, filter.caption ?? ''))) &&
    (!filter.fileName || contains(photo.fileName, filter.fileName)) &&
    (typeof filter.hasCaption !== 'boolean' || photo.captions.length > 0 === filter.hasCaption) &&
    (typeof filter.nearDuplicate !== 'boolean' || photo.nearDuplicates.some(alive) === filter.nearDuplicate)
  );
}

const expected = (filter: ImageFilter): string[] =>
  known.photos
    .filter((photo) => matches(photo, filter, known.photos))
    .map(({ id }) => id)
    .sort();

function countsOf(photos: readonly KnownPhoto[], facet: Facet): FacetCount[] {
  const counts = new Map<string, number>();
  for (const photo of photos) {
    for (const value of valuesOf[facet](photo)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count }));
}

const sorted = (counts: readonly FacetCount[]): FacetCount[] =>
  [...counts].sort((a, b) => (a.value < b.value ? -1 : 1));

/** Turns pages until there are no more. */
async function allIds(filter: ImageFilter, size: number, backwards = false): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const args: object = backwards ? { last: size, before: cursor } : { first: size, after: cursor };
    const { edges, pageInfo } = await keysetConnection(args, BY_ID, (page) =>
      images.pageOfDataset(known.datasetId, filter, page),
    );
    const found = edges.map(({ node }) => node.id);
    if (backwards) ids.unshift(...found);
    else ids.push(...found);
    if (!(backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return ids;
    cursor = backwards ? pageInfo.startCursor : pageInfo.endCursor;
  }
}

const SINGLE: ImageFilter[] = [
  {},
  { splits: ['train', 'val'] },
  { splits: [''] },
  { splits: ['', 'test'] },
  { classes: ['Haus'] },
  { classes: ['', 'cat'] },
  { classes: [] },
  { tags: ['red'] },
  { tags: ['a,b', 'ünïcode'] },
  { tags: ['', 'night'] },
  { styles: ['sketch'] },
  { styles: ['', 'art'] },
  { styles: ['unheard of'] },
  { withoutStyles: ['sketch'] },
  { withoutStyles: ['sketch', 'art', 'cartoon'] },
  { states: ['INDEXED'] },
  { states: ['UNINDEXED'] },
  { states: ['DELETED'] },
  { states: ['DELETED', 'INDEXED'] },
  { states: [...IMAGE_STATES] },
  { minSide: 300 },
  { maxSide: 299 },
  { minSide: 200, maxSide: 300 },
  { createdAfter: new Date(Date.UTC(2026, 1, 1)) },
  { createdBefore: new Date(Date.UTC(2026, 1, 1)) },
  { caption: 'DOG' },
  { caption: '0% COTTON_' },
  { caption: 'k\\s' },
  { caption: 'mädchen' },
  { caption: '犬' },
  { caption: '%' },
  { caption: 'dogthe' },
  { fileName: 'dsc_' },
  { fileName: '犬/' },
  { fileName: '.jpg' },
  { hasCaption: true },
  { hasCaption: false },
  { nearDuplicate: true },
  { nearDuplicate: false },
];

function randomFilters(count: number): ImageFilter[] {
  const random = createRandom('filters');
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length: 2 + random.integer(3) }, () => SINGLE[random.integer(SINGLE.length)]);
    const filter: ImageFilter = Object.assign({}, ...parts);
    // Two of the bounds together leave nothing, and are refused.
    return { ...filter, ...(filter.minSide === 300 && { maxSide: null }) };
  });
}

const name = (filter: ImageFilter) => [JSON.stringify(filter), filter] as const;
const FILTERS = [...SINGLE, ...randomFilters(60)].map(name);

describe('a filter finds exactly the photos that it means', () => {
  it.each(FILTERS)('%s', async (_name, filter) => {
    const wanted = expected(filter);
    expect(await allIds(filter, 100)).toEqual(wanted);
    expect(await images.countOfDataset(known.datasetId, filter)).toBe(wanted.length);
    const input = { datasetId: known.datasetId, filter };
    expect(await images.countSelection(input)).toBe(wanted.length);
    const except = wanted.slice(0, 3);
    expect(await images.countSelection({ ...input, except })).toBe(wanted.length - except.length);
  });

  it('page by page, in both directions, without repeats or gaps', async () => {
    for (const filter of [{}, { tags: ['red'] }, { withoutStyles: ['sketch'] }]) {
      expect(await allIds(filter, 7)).toEqual(expected(filter));
      expect(await allIds(filter, 7, true)).toEqual(expected(filter));
    }
  });
});

describe('facets', () => {
  it.each(FILTERS)('of %s say what ticking a value gives', async (_name, filter) => {
    for (const facet of FACETS) {
      // Without its own condition; the states count deleted photos too.
      const others = { ...filter, [facet]: facet === 'states' ? [...IMAGE_STATES] : [] };
      const photos = known.photos.filter((photo) => matches(photo, others, known.photos));
      const counts = await images.facet(known.datasetId, filter, facet);
      expect(sorted(counts), facet).toEqual(sorted(countsOf(photos, facet)));
      expect(counts.map(({ count }) => count)).toEqual(
        counts.map(({ count }) => count).sort((a, b) => b - a),
      );
    }
  });

  it('agree with the list: a value ticked alone gives as many photos as the facet said', async () => {
    const filter = { tags: ['red'], classes: ['dog'] };
    for (const { value, count } of await images.facet(known.datasetId, filter, 'classes')) {
      expect(await images.countOfDataset(known.datasetId, { ...filter, classes: [value] })).toBe(count);
    }
  });
});

describe('statistics', () => {
  it.each(FILTERS.slice(0, 20))('of %s count each photo and caption in one bin', async (_name, filter) => {
    const photos = known.photos.filter((photo) => matches(photo, filter, known.photos));
    const found = await images.statistics(known.datasetId, filter);
    const captions = photos.flatMap((photo) => photo.captions);
    expect(found).toMatchObject({
      imageCount: photos.length,
      captionCount: captions.length,
      uncaptionedCount: photos.filter((photo) => photo.captions.length === 0).length,
    });
    for (const { from, to, count } of found.sides) {
      const within = photos.map(({ width, height }) => Math.max(width, height));
      expect(count).toBe(within.filter((side) => side >= from && side < to).length);
    }
    for (const { from, to, count } of found.captionLengths) {
      const lengths = captions.map((caption) => [...caption].length);
      expect(count).toBe(lengths.filter((length) => length >= from && length < to).length);
    }
    const total = (bins: readonly { readonly count: number }[]) =>
      bins.reduce((sum, { count }) => sum + count, 0);
    expect(total(found.sides)).toBe(photos.length);
    expect(total(found.captionLengths)).toBe(captions.length);
    for (const facet of ['splits', 'classes', 'tags', 'styles'] as const) {
      const values = await images.values(known.datasetId, filter, facet);
      expect(sorted(values)).toEqual(sorted(countsOf(photos, facet)));
    }
  });
});

describe('a photo', () => {
  it('has the state that the filter finds it by, and the lookalikes that are not deleted', async () => {
    const ids = known.photos.map(({ id }) => id);
    const states = await images.states(ids);
    const near = await images.nearDuplicates(ids);
    for (const photo of known.photos) {
      expect(states.get(photo.id)).toBe(photo.state);
      const others = near.filter(({ imageId }) => imageId === photo.id).map(({ otherId }) => otherId);
      const alive = photo.nearDuplicates.filter(
        (id) => known.photos.find((other) => other.id === id)?.state !== 'DELETED',
      );
      expect(others.sort()).toEqual([...alive].sort());
    }
  });

  it('is indexed nowhere while there is no live model', async () => {
    const unready = createImageRepository(database.prisma);
    const scope = { datasetId: known.datasetId, spaceId: null };
    expect(await unready.count({ ...scope, filter: { states: ['INDEXED'] } })).toBe(0);
    expect(await unready.count({ ...scope, filter: { states: ['UNINDEXED'] } })).toBe(expected({}).length);
  });
});

describe('what cannot be meant is refused with the place and the reason', () => {
  it.each([
    [{ minSide: 0 }, 'filter.minSide: expected at least 1 pixel'],
    [{ minSide: 9, maxSide: 3 }, 'filter.maxSide: expected at least minSide'],
    [{ caption: 'a\0b' }, 'filter.caption: expected text without control characters'],
    [{ tags: ['good', 'a\0b'] }, 'filter.tags.1: expected text without zero or broken characters'],
    [{ classes: ['a\ud800'] }, 'filter.classes.0: expected text without zero or broken characters'],
    [{ fileName: 'x'.repeat(501) }, 'filter.fileName: expected at most 500 characters, got 501'],
    [{ styles: Array.from({ length: 501 }, String) }, 'filter.styles: expected at most 500 values, got 501'],
    [
      { createdAfter: new Date(2000), createdBefore: new Date(1000) },
      'filter.createdBefore: expected a later moment',
    ],
  ])('%j', (filter, message) => {
    expect(() => checkFilter(filter)).toThrow(message);
  });

  it('as are selections and cursors of something else', async () => {
    const count = (more: object) => images.countSelection({ datasetId: known.datasetId, ...more });
    await expect(count({ ids: ['nonsense'] })).rejects.toThrow('selection.ids.0: this is no id of a photo');
    await expect(count({ ids: [], filter: {} })).rejects.toThrow('either ids, or a filter');
    const many = Array.from({ length: 10_001 }, () => known.photos[0]?.id ?? '');
    await expect(count({ except: many })).rejects.toThrow('at most 10000 photos, got 10001; use a filter');
    await expect(images.countSelection({ datasetId: 'x' })).rejects.toThrow('no such dataset');
    const after = Buffer.from('k1:7').toString('base64url');
    await expect(keysetConnection({ after }, BY_ID, async () => [])).rejects.toThrow('not one of this list');
  });
});
