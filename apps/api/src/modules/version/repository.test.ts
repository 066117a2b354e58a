import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@freestyle/core';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prisma } from '../../generated/prisma/client.js';
import { MIGRATIONS_FOLDER } from '../../platform/database/migrations.js';
import { type Database, openDatabase } from '../../platform/database/open-database.js';
import {
  copyTemplate,
  createTestDatabase,
  type TestDatabase,
  temporaryFolder,
} from '../../testing/test-server.js';
import type { DiffKind, DiffSides } from './diff-repository.js';
import { createVersionRepository, type VersionRepository } from './repository.js';
import { createVersionService } from './service.js';

let folder = '';
let native: TestDatabase | null = null;
let database: Database;
let versions: VersionRepository;

beforeAll(async () => {
  folder = await temporaryFolder();
  native = await createTestDatabase();
  const dataDir = join(folder, 'data');
  if (native === null) await copyTemplate(dataDir);
  database = await openDatabase({ dataDir, databaseUrl: native?.url }, pino({ level: 'silent' }));
  versions = createVersionRepository(database.prisma);
});
afterAll(async () => {
  await database?.close();
  await native?.drop();
  await rm(folder, { recursive: true, force: true });
});

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A dataset of photos with all that a photo may have, and a sketch of every second one. */
async function makeDataset(name: string, count: number): Promise<string> {
  const { prisma } = database;
  const { id: datasetId } = await prisma.dataset.create({ data: { name } });
  const photos: Prisma.ImageCreateManyInput[] = Array.from({ length: count }, (_, i) => ({
    datasetId,
    contentHash: sha256(`photo ${i}`),
    fileName: `images/${i}.jpg`,
    mediaType: 'image/jpeg',
    width: 10,
    height: 10,
    byteSize: 100,
    captions: i % 3 === 0 ? [] : [`caption ${i}`, 'ünï "quoted" 🙂'],
    tags: i % 4 === 0 ? ['zebra', 'Apple', 'ähre'] : [],
    className: i % 2 === 0 ? 'dog' : null,
    split: 'train',
    attributes: { mood: i % 5, deep: { list: [1, 2.5, null] } },
  }));
  const made = await prisma.image.createManyAndReturn({ data: photos });
  await prisma.query.createMany({
    data: made
      .filter((_, i) => i % 2 === 0)
      .map(({ id, fileName }) => ({
        datasetId,
        key: `sketch ${fileName}`,
        style: 'sketch',
        origin: 'MADE' as const,
        imageId: id,
        contentHash: sha256(`sketch of ${fileName}`),
        maker: 'sketch-pencil',
        strength: 0.35,
        seed: 7,
      })),
  });
  await prisma.query.create({
    data: { datasetId, key: 'words', style: 'text', origin: 'BROUGHT', text: 'a dog', className: 'dog' },
  });
  return datasetId;
}

async function snapshot(datasetId: string) {
  const made = await versions.create(datasetId, null);
  if (made === null) throw new Error('there is no such dataset');
  return made;
}

const entriesOf = (versionId: string) =>
  database.prisma.versionEntry.findMany({ where: { versionId }, orderBy: { itemId: 'asc' } });

type PlainState = ReadonlyMap<string, { readonly isQuery: boolean; readonly text: string }>;

/** What the dataset holds, read row by row and written out in plain TypeScript. */
async function plainState(datasetId: string): Promise<PlainState> {
  const images = await database.prisma.image.findMany({ where: { datasetId } });
  const queries = await database.prisma.query.findMany({ where: { datasetId } });
  const alive = new Map(images.filter(({ deletedAt }) => deletedAt === null).map((one) => [one.id, one]));
  const state = new Map<string, { isQuery: boolean; text: string }>();
  for (const image of alive.values()) {
    const { contentHash, fileName, className, split, captions, tags, attributes } = image;
    const facts = [contentHash, fileName, className, split, captions, [...tags].sort(), attributes];
    state.set(image.id, { isQuery: false, text: JSON.stringify(facts) });
  }
  for (const query of queries) {
    const target = query.imageId === null ? undefined : alive.get(query.imageId);
    if (query.imageId !== null && target === undefined) continue;
    const { contentHash, fileName, style, className, split, text, maker, strength, seed, attributes } = query;
    const facts = [
      [contentHash, fileName, style, className, split, text, maker, strength, seed, attributes],
      target?.fileName,
      target?.contentHash,
    ];
    state.set(query.id, { isQuery: true, text: JSON.stringify(facts) });
  }
  return state;
}

function plainDiff(before: PlainState, after: PlainState): Record<DiffKind, string[]> {
  const order = (state: PlainState) => (a: string, b: string) =>
    Number(state.get(a)?.isQuery) - Number(state.get(b)?.isQuery) || (a < b ? -1 : 1);
  return {
    ADDED: [...after.keys()].filter((id) => !before.has(id)).sort(order(after)),
    REMOVED: [...before.keys()].filter((id) => !after.has(id)).sort(order(before)),
    CHANGED: [...before.keys()]
      .filter((id) => after.has(id) && after.get(id)?.text !== before.get(id)?.text)
      .sort(order(before)),
  };
}

/** All of a diff, in small pages. */
async function allRows(sides: DiffSides, kind: DiffKind, limit = 7) {
  const rows = [];
  for (let after = null as { isQuery: boolean; itemId: string } | null; ; ) {
    const page = await versions.diffRows(sides, {
      kind,
      isQuery: null,
      after,
      before: null,
      limit,
      inverted: false,
    });
    rows.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return rows;
    after = last;
  }
}

async function expectDiff(sides: DiffSides, before: PlainState, after: PlainState): Promise<void> {
  const expected = plainDiff(before, after);
  for (const kind of ['ADDED', 'REMOVED', 'CHANGED'] as const) {
    const rows = await allRows(sides, kind);
    expect(
      rows.map(({ itemId }) => itemId),
      kind,
    ).toEqual(expected[kind]);
  }
  const { photos, queries } = await versions.diffCounts(sides);
  expect({
    ADDED: photos.added + queries.added,
    REMOVED: photos.removed + queries.removed,
    CHANGED: photos.changed + queries.changed,
  }).toEqual({
    ADDED: expected.ADDED.length,
    REMOVED: expected.REMOVED.length,
    CHANGED: expected.CHANGED.length,
  });
}

/** Changes of every kind, to photos and queries drawn by chance. */
async function disturb(datasetId: string, seed: string): Promise<void> {
  const { prisma } = database;
  const random = createRandom(seed);
  const images = await prisma.image.findMany({ where: { datasetId }, orderBy: { id: 'asc' } });
  const changes: ((i: number) => Prisma.ImageUpdateInput)[] = [
    () => ({ deletedAt: new Date() }),
    () => ({ deletedAt: null }),
    (i) => ({ captions: [`another ${seed} ${i}`] }),
    () => ({ split: 'val' }),
    () => ({ className: random.integer(2) ? 'cat' : null }),
    () => ({ tags: ['new', 'Apple'] }),
    () => ({ attributes: { mood: 'other' } }),
    (i) => ({ fileName: `moved/${i}.jpg` }),
    // What is no content makes no difference.
    (i) => ({ height: 11 + i }),
  ];
  for (const [i, image] of images.entries()) {
    if (random.integer(3) !== 0) continue;
    const change = changes[random.integer(changes.length)];
    if (change) await prisma.image.update({ where: { id: image.id }, data: change(i) });
  }
  await prisma.query.updateMany({
    where: { datasetId, text: { not: null } },
    data: { text: `words ${seed}` },
  });
  const [first, second] = await prisma.query.findMany({ where: { datasetId, style: 'sketch' }, take: 2 });
  if (first) await prisma.query.delete({ where: { id: first.id } });
  if (second) await prisma.query.update({ where: { id: second.id }, data: { split: seed } });
}

describe('a version', () => {
  it('stays the same, whatever is done to its photos and queries later', async () => {
    const datasetId = await makeDataset('lasting', 40);
    const { version } = await snapshot(datasetId);
    expect(version).toMatchObject({ number: 1, imageCount: 40, queryCount: 21, captionCount: 52 });
    const before = await entriesOf(version.id);
    await disturb(datasetId, 'later');
    await database.prisma.query.deleteMany({ where: { datasetId } });
    await database.prisma.image.deleteMany({ where: { datasetId } });
    expect(await entriesOf(version.id)).toEqual(before);
    expect(await database.prisma.datasetVersion.findUnique({ where: { id: version.id } })).toEqual(version);
  });

  it('has neither deleted photos in it, nor queries that mean them', async () => {
    const datasetId = await makeDataset('with deleted ones', 6);
    await database.prisma.image.updateMany({
      where: { datasetId, fileName: { in: ['images/0.jpg', 'images/1.jpg'] } },
      data: { deletedAt: new Date() },
    });
    const { version } = await snapshot(datasetId);
    const names = (await entriesOf(version.id)).map(({ record }) => {
      const { file, target } = record as { file?: string; target?: string };
      return file ?? target ?? 'words';
    });
    expect(names.sort()).toEqual(
      ['images/2.jpg', 'images/2.jpg', 'images/3.jpg', 'images/4.jpg', 'images/4.jpg', 'images/5.jpg'].concat(
        'words',
      ),
    );
  });

  it('of the same content is not made twice, and is when a caption changes and changes back', async () => {
    const datasetId = await makeDataset('twice', 5);
    const first = await snapshot(datasetId);
    expect(await snapshot(datasetId)).toEqual({ version: first.version, isNew: false });
    const where = { datasetId_contentHash: { datasetId, contentHash: sha256('photo 1') } };
    await database.prisma.image.update({ where, data: { captions: ['other'] } });
    const second = await snapshot(datasetId);
    expect(second).toMatchObject({ isNew: true, version: { number: 2 } });
    expect(second.version.contentHash).not.toBe(first.version.contentHash);
    await database.prisma.image.update({ where, data: { captions: ['caption 1', 'ünï "quoted" 🙂'] } });
    const third = await snapshot(datasetId);
    expect(third).toMatchObject({ isNew: true, version: { number: 3 } });
    expect(third.version.contentHash).toBe(first.version.contentHash);
  });

  it('has the same hash in every dataset of the same content, in whichever order it came in', async () => {
    const one = await snapshot(await makeDataset('one', 12));
    const datasetId = await makeDataset('other', 12);
    const other = await snapshot(datasetId);
    expect(other.version.contentHash).toBe(one.version.contentHash);
    const [moved] = await database.prisma.image.findMany({
      where: { datasetId },
      include: { queries: true },
    });
    if (moved === undefined) throw new Error('there are no photos');
    const { queries, ...image } = moved;
    await database.prisma.image.delete({ where: { id: image.id } });
    // Comes in last, with new ids, and its tags in another order.
    const { id: _id, ...data } = image;
    const again = await database.prisma.image.create({
      data: { ...data, tags: [...data.tags].reverse(), attributes: data.attributes ?? {} },
    });
    for (const { id: _query, ...query } of queries) {
      await database.prisma.query.create({
        data: { ...query, imageId: again.id, attributes: query.attributes ?? {} },
      });
    }
    expect((await snapshot(datasetId)).version.contentHash).toBe(one.version.contentHash);
  });

  it('asked for by several people at once is made once', async () => {
    const datasetId = await makeDataset('at once', 30);
    const made = await Promise.all(Array.from({ length: 5 }, () => snapshot(datasetId)));
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(made.map(({ version }) => version.id)).size).toBe(1);
    expect(await entriesOf(made[0]?.version.id ?? '')).toHaveLength(46);
  });

  it('that an older program made has the hash of its content after the database was migrated', async () => {
    const { version } = await snapshot(await makeDataset('older', 9));
    const { version: empty } = await snapshot(
      (await database.prisma.dataset.create({ data: { name: 'older, empty' } })).id,
    );
    await database.prisma.datasetVersion.updateMany({
      data: { contentHash: sha256('another way of hashing') },
    });
    const migration = join(MIGRATIONS_FOLDER, '20261125050000_portable_version_hash', 'migration.sql');
    await database.prisma.$executeRawUnsafe(await readFile(migration, 'utf8'));
    for (const { id, contentHash } of [version, empty]) {
      expect(await database.prisma.datasetVersion.findUnique({ where: { id } })).toMatchObject({
        contentHash,
      });
    }
  });

  it('of nothing is one too', async () => {
    const { id } = await database.prisma.dataset.create({ data: { name: 'empty' } });
    const { version } = await snapshot(id);
    expect(version).toMatchObject({ imageCount: 0, queryCount: 0, captionCount: 0, contentHash: sha256('') });
  });

  it('tells for each photo where it was used, newest first', async () => {
    const datasetId = await makeDataset('used', 3);
    const first = await snapshot(datasetId);
    const images = await database.prisma.image.findMany({ where: { datasetId }, orderBy: { id: 'asc' } });
    const ids = images.map(({ id }) => id);
    await database.prisma.image.update({ where: { id: ids[0] ?? '' }, data: { deletedAt: new Date() } });
    const second = await snapshot(datasetId);
    const used = await versions.ofImages(ids);
    const numbers = ids.map((id) => used.get(id)?.map(({ number }) => number));
    expect([first.version.number, second.version.number]).toEqual([1, 2]);
    expect(numbers).toEqual([[1], [2, 1], [2, 1]]);
  });
});

describe('a diff', () => {
  it('is what a plain comparison of every row finds, between versions and against now, on small pages', async () => {
    const datasetId = await makeDataset('compared', 80);
    const states = [await plainState(datasetId)];
    const made = [(await snapshot(datasetId)).version.id];
    for (const seed of ['first', 'second']) {
      await disturb(datasetId, seed);
      states.push(await plainState(datasetId));
      made.push((await snapshot(datasetId)).version.id);
    }
    await disturb(datasetId, 'third');
    const now = await plainState(datasetId);
    for (const [i, fromId] of made.entries()) {
      for (const [j, toId] of made.entries()) {
        const [before, after] = [states[i], states[j]];
        if (before && after) await expectDiff({ datasetId, fromId, toId }, before, after);
      }
      const before = states[i];
      if (before) await expectDiff({ datasetId, fromId, toId: null }, before, now);
    }
  });

  it('names the fields that changed, with both of their values', async () => {
    const datasetId = await makeDataset('described', 4);
    const { version } = await snapshot(datasetId);
    await database.prisma.image.updateMany({
      where: { datasetId, fileName: 'images/1.jpg' },
      data: {
        captions: ['only one'],
        split: 'val',
        className: 'cat',
        tags: ['b', 'a'],
        attributes: { mood: 1, new: true },
      },
    });
    const service = createVersionService(versions);
    const sides = { datasetId, fromId: version.id, toId: null };
    const rows = await service.diffPage(sides, 'CHANGED', null, {
      after: null,
      before: null,
      limit: 10,
      inverted: false,
    });
    expect(rows.map(({ after, changes }) => ({ file: after?.fileName, changes }))).toEqual([
      {
        file: 'images/1.jpg',
        changes: [
          { field: 'captions', before: 'caption 1\nünï "quoted" 🙂', after: 'only one' },
          { field: 'class', before: null, after: 'cat' },
          { field: 'split', before: 'train', after: 'val' },
          { field: 'tags', before: null, after: 'a\nb' },
          { field: 'attribute deep', before: '{"list":[1,2.5,null]}', after: null },
          { field: 'attribute new', before: null, after: 'true' },
        ],
      },
    ]);
  });
});
