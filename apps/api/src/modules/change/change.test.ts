import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillRandomDataset, type KnownPhoto, type RandomDataset } from '../../testing/random-dataset.js';
import { type OpenTestDatabase, openTestDatabase } from '../../testing/test-database.js';
import { IMAGE_STATES } from '../photo/filter.js';
import { createImageRepository } from '../photo/repository.js';
import type { SelectionInput } from '../photo/selection.js';
import { describeChange } from './describe-change.js';
import type { EditInput } from './edit.js';
import { createChangeRepository } from './repository.js';
import { type ChangeService, createChangeService } from './service.js';

let database: OpenTestDatabase;
let changes: ChangeService;
let restorations = 0;
let spaceId = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  const images = createImageRepository(database.prisma);
  changes = createChangeService({
    changes: createChangeRepository(database.prisma),
    images: (ids) => images.byIds(ids),
    countSelection: (selection) => images.countSelection(selection, spaceId),
    spaceId: () => spaceId,
    onRestored: async () => {
      restorations += 1;
    },
  });
});
afterAll(() => database?.dispose());

let made = 0;
async function dataset(count = 40): Promise<RandomDataset> {
  const filled = await fillRandomDataset(database.prisma, `changed ${made++}`, count);
  spaceId = filled.spaceId;
  return filled;
}

/** Everything of a dataset that a change may touch, but for the numbering of vectors, which moves on. */
async function stateOf(datasetId: string) {
  const { prisma } = database;
  return {
    images: await prisma.image.findMany({ where: { datasetId }, orderBy: { id: 'asc' } }),
    queries: await prisma.query.findMany({ where: { datasetId }, orderBy: { id: 'asc' } }),
    vectors: await prisma.$queryRaw`
      SELECT e.space_id, e.image_id, e.dataset_id, e.vector::text AS vector FROM embedding e
      WHERE e.dataset_id = ${datasetId}::uuid ORDER BY e.image_id`,
    parked: await prisma.$queryRaw`
      SELECT p.space_id, p.image_id, p.vector::text AS vector FROM parked_embedding p JOIN image i ON i.id = p.image_id
      WHERE i.dataset_id = ${datasetId}::uuid ORDER BY p.image_id`,
  };
}

const imagesOf = async (datasetId: string) =>
  new Map((await database.prisma.image.findMany({ where: { datasetId } })).map((image) => [image.id, image]));

const isAlive = ({ state }: KnownPhoto) => state !== 'DELETED';

type Case = readonly [string, Omit<SelectionInput, 'datasetId'>, EditInput];
const CASES: Case[] = [
  ['tags added', {}, { addTags: ['red', 'new one'] }],
  ['tags removed', { filter: { tags: ['red'] } }, { removeTags: ['red', 'never there'] }],
  ['tags added and removed', {}, { addTags: ['x'], removeTags: ['night'] }],
  ['a split set', { filter: { splits: ['train', ''] } }, { split: 'val' }],
  ['a split cleared', {}, { split: '' }],
  ['a class set', { filter: { classes: ['cat'] } }, { class: 'Haus' }],
  ['a class cleared', {}, { class: '' }],
  ['everything at once', {}, { addTags: ['a'], removeTags: ['Red'], split: 'test', class: 'dog' }],
  ['photos deleted', { filter: { styles: ['sketch'] } }, { delete: true }],
  ['photos restored', { filter: { states: ['DELETED'] } }, { restore: true }],
  ['deleted photos tagged', { filter: { states: [...IMAGE_STATES] } }, { addTags: ['all'] }],
];

describe('a change undone leaves everything as it was', () => {
  it.each(CASES)('%s', async (_name, selection, edit) => {
    const { datasetId } = await dataset();
    const before = await stateOf(datasetId);
    const change = await changes.changeImages({ datasetId, ...selection }, edit);
    expect(change.count).toBeGreaterThan(0);
    expect(await stateOf(datasetId)).not.toEqual(before);
    const undoing = await changes.undo(change.id);
    expect(undoing).toMatchObject({ restored: change.count, skipped: 0 });
    expect(await stateOf(datasetId)).toEqual(before);
    await expect(changes.undo(change.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('undone before'),
    });
    expect(await stateOf(datasetId)).toEqual(before);
  });

  it('changes one after the other, undone in reverse order', async () => {
    const { datasetId } = await dataset();
    const before = await stateOf(datasetId);
    const ids: string[] = [];
    for (const [, selection, edit] of CASES) {
      ids.push((await changes.changeImages({ datasetId, ...selection }, edit)).id);
    }
    for (const id of ids.reverse()) expect((await changes.undo(id)).skipped).toBe(0);
    expect(await stateOf(datasetId)).toEqual(before);
  });
});

describe('a change', () => {
  it('reaches every photo behind the filter but those left out, and no other', async () => {
    const { datasetId, photos } = await dataset();
    const other = await dataset(5);
    const untouched = await stateOf(other.datasetId);
    const behind = photos.filter((photo) => isAlive(photo) && photo.class === 'dog');
    const except = behind.slice(0, 2).map(({ id }) => id);
    const filter = { classes: ['dog'] };
    const change = await changes.changeImages({ datasetId, filter, except }, { addTags: ['picked'] });
    expect(change.count).toBe(behind.length - 2);
    const now = await imagesOf(datasetId);
    for (const photo of photos) {
      const picked = behind.includes(photo) && !except.includes(photo.id);
      expect(now.get(photo.id)?.tags).toEqual(picked ? [...photo.tags, 'picked'] : photo.tags);
    }
    expect(await stateOf(other.datasetId)).toEqual(untouched);
  });

  it('counts only photos that were not so already, and keeps a tag single', async () => {
    const { datasetId, photos } = await dataset();
    const change = await changes.changeImages({ datasetId }, { addTags: [' red ', 'red'] });
    expect(change.count).toBe(photos.filter((photo) => isAlive(photo) && !photo.tags.includes('red')).length);
    const again = await changes.changeImages({ datasetId }, { addTags: ['red'] });
    expect(again.count).toBe(0);
    const page = { after: null, before: null, limit: 10, inverted: false };
    expect((await changes.pageOfDataset(datasetId, page)).map(({ id }) => id)).toEqual([change.id]);
    expect(await changes.countOfDataset(datasetId)).toBe(1);
  });

  it('takes along the queries that stand where their photo stands, and leaves the others', async () => {
    const { datasetId, photos } = await dataset();
    await changes.changeImages({ datasetId }, { split: 'val', class: 'bird' });
    const alive = new Set(photos.filter(isAlive).map(({ id }) => id));
    const queries = await database.prisma.query.findMany({ where: { datasetId } });
    expect(queries.length).toBeGreaterThan(20);
    for (const { key, imageId, split, className } of queries) {
      const elsewhere = key.endsWith(' 2');
      const photo = photos.find(({ id }) => id === imageId);
      const moved = alive.has(imageId ?? '') ? ['val', 'bird'] : [photo?.split, photo?.class];
      expect([split, className]).toEqual(elsewhere ? ['elsewhere', 'elsewhere'] : moved);
    }
  });

  it('of captions replaces them, and undoing brings the old ones back in their order', async () => {
    const { photos } = await dataset(10);
    const photo = photos.find(({ captions }) => captions.length > 1) ?? photos[0];
    const { image, change } = await changes.setCaptions(photo?.id ?? '', [
      ' zwei Hunde 🐕 ',
      'a "quoted", one',
    ]);
    expect(image.captions).toEqual(['zwei Hunde 🐕', 'a "quoted", one']);
    expect(change).toMatchObject({ kind: 'SET_CAPTIONS', count: 1 });
    await changes.undo(change.id);
    const { captions } = await database.prisma.image.findUniqueOrThrow({ where: { id: image.id } });
    expect(captions).toEqual(photo?.captions);
    expect((await changes.setCaptions(image.id, captions)).change.count).toBe(0);
  });

  it('says in words what it did', async () => {
    const summary = (kind: string, input: object, count: number) =>
      describeChange({ kind, input: input as never, count });
    expect(summary('ADD_TAGS', { addTags: ['a', 'b'] }, 1)).toBe('Tags “a”, “b” added to 1 photo');
    expect(summary('SET_SPLIT', { split: 'val' }, 1200)).toBe('1,200 photos moved to split “val”');
    expect(summary('SET_CLASS', { class: null }, 2)).toBe('2 photos taken out of their class');
    expect(summary('EDIT', { addTags: ['a'], split: null }, 3)).toBe('Tags and split of 3 photos changed');
    expect(summary('SOMETHING_NEWER', {}, 3)).toBe('3 photos changed');
  });
});

describe('undoing leaves alone what somebody changed since', () => {
  it('a split, and says how many photos', async () => {
    const { datasetId, photos } = await dataset();
    const first = await changes.changeImages({ datasetId }, { split: 'moved', class: 'moved' });
    const since = photos
      .filter(isAlive)
      .slice(0, 3)
      .map(({ id }) => id);
    await changes.changeImages({ datasetId, ids: since }, { split: 'later' });
    const undoing = await changes.undo(first.id);
    expect(undoing).toMatchObject({ restored: first.count, skipped: 3 });
    const now = await imagesOf(datasetId);
    for (const photo of photos) {
      expect(now.get(photo.id)?.className).toBe(photo.class);
      expect(now.get(photo.id)?.split).toBe(since.includes(photo.id) ? 'later' : photo.split);
    }
    for (const { key, imageId, split } of await database.prisma.query.findMany({ where: { datasetId } })) {
      if (key.endsWith(' 2')) expect(split).toBe('elsewhere');
      else expect(split).toBe(now.get(imageId ?? '')?.split);
    }
  });

  it('other tags: only those that the change added or removed go back', async () => {
    const { datasetId, photos } = await dataset();
    const first = await changes.changeImages({ datasetId }, { addTags: ['mine'], removeTags: ['night'] });
    await changes.changeImages({ datasetId }, { addTags: ['later'] });
    expect(await changes.undo(first.id)).toMatchObject({ skipped: 0 });
    const now = await imagesOf(datasetId);
    for (const photo of photos.filter(isAlive)) {
      expect([...(now.get(photo.id)?.tags ?? [])].sort()).toEqual([...photo.tags, 'later'].sort());
    }
  });

  it('a photo that was restored and deleted again', async () => {
    const { datasetId, photos } = await dataset(12);
    const ids = photos
      .filter(isAlive)
      .slice(0, 2)
      .map(({ id }) => id);
    const first = await changes.changeImages({ datasetId, ids }, { delete: true });
    await changes.changeImages({ datasetId, ids: ids.slice(0, 1) }, { restore: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await changes.changeImages({ datasetId, ids: ids.slice(0, 1) }, { delete: true });
    expect(await changes.undo(first.id)).toMatchObject({ restored: 1, skipped: 1 });
    const now = await imagesOf(datasetId);
    expect(ids.map((id) => now.get(id)?.deletedAt === null)).toEqual([false, true]);
  });
});

describe('deletion', () => {
  it('parks the vectors, and restoring gives them back behind all others', async () => {
    const { datasetId, photos } = await dataset();
    const { prisma } = database;
    const ids = photos.filter(({ state }) => state === 'INDEXED').map(({ id }) => id);
    const vectors = () => prisma.$queryRaw<{ id: string; seq: bigint }[]>`
      SELECT image_id AS id, seq FROM embedding WHERE image_id = ANY(${ids}::uuid[])`;
    const [{ last } = { last: 0n }] = await prisma.$queryRaw<{ last: bigint }[]>`
      SELECT max(seq) AS last FROM embedding`;
    await changes.changeImages({ datasetId, ids }, { delete: true });
    expect(await vectors()).toEqual([]);
    const seen = restorations;
    const back = await changes.changeImages({ datasetId, ids }, { restore: true });
    expect(back.count).toBe(ids.length);
    expect(restorations).toBe(seen + 1);
    const found = await vectors();
    expect(found).toHaveLength(ids.length);
    for (const { seq } of found) expect(seq).toBeGreaterThan(last);
  });

  it('reaches deleted photos only where the selection asks for them', async () => {
    const { datasetId } = await dataset();
    expect((await changes.changeImages({ datasetId }, { restore: true })).count).toBe(0);
  });
});

describe('two changes of a dataset at a time', () => {
  it('both come out whole, and undoing one keeps the other', async () => {
    const { datasetId, photos } = await dataset(60);
    const [a, b] = await Promise.all([
      changes.changeImages({ datasetId }, { addTags: ['a'] }),
      changes.changeImages({ datasetId }, { addTags: ['b'] }),
    ]);
    await changes.undo(a.id);
    const now = await imagesOf(datasetId);
    for (const photo of photos.filter(isAlive)) {
      expect(now.get(photo.id)?.tags).toEqual([...photo.tags, 'b']);
    }
    expect(b.count).toBe(a.count);
  });
});

describe('what cannot be meant is refused and changes nothing', () => {
  const wrong: [EditInput, string][] = [
    [{}, 'input: expected something to change'],
    [{ delete: true, restore: true }, 'either delete or restore'],
    [{ delete: true, addTags: ['a'] }, 'nothing else beside it'],
    [{ addTags: ['a'], removeTags: ['a '] }, '"a" is to be added and to be removed'],
    [{ addTags: ['  '] }, 'input.addTags.0: expected a tag'],
    [{ addTags: ['two\nlines'] }, 'input.addTags.0: expected a single line'],
    [{ split: 'x'.repeat(201) }, 'input.split: expected at most 200 characters, got 201'],
    [{ addTags: ['a\ud800'] }, 'input.addTags.0: expected a single line without control characters'],
    [{ class: 'a\0' }, 'input.class: expected a single line without control characters'],
    [{ addTags: Array.from({ length: 51 }, String) }, 'expected at most 50 tags, got 51'],
  ];

  it('a bad edit', async () => {
    const { datasetId } = await dataset(8);
    const before = await stateOf(datasetId);
    for (const [edit, message] of wrong) {
      await expect(changes.changeImages({ datasetId }, edit)).rejects.toThrow(message);
    }
    expect(await stateOf(datasetId)).toEqual(before);
  });

  it('photos of another dataset, and captions that are none', async () => {
    const { datasetId, photos } = await dataset(8);
    const other = await dataset(8);
    const ids = [photos[0]?.id ?? '', other.photos[0]?.id ?? ''];
    await expect(changes.changeImages({ datasetId, ids }, { split: 'a' })).rejects.toThrow(
      'selection.ids: 1 of 2 are no photos of this dataset',
    );
    const image = photos[0]?.id ?? '';
    const captions = (list: string[]) => changes.setCaptions(image, list);
    await expect(captions(['good', ' '])).rejects.toThrow('captions.1: expected words');
    await expect(captions(['x'.repeat(10_001)])).rejects.toThrow('at most 10000 characters, got 10001');
    await expect(captions(Array.from({ length: 101 }, () => 'x'))).rejects.toThrow('at most 100 captions');
    const nowhere = '00000000-0000-7000-8000-000000000000';
    await expect(changes.setCaptions(nowhere, [])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(changes.undo(nowhere)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(changes.undo('nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(changes.changeImages({ datasetId: nowhere }, { split: 'a' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
