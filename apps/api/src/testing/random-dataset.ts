import { createRandom } from '@freestyle/core';
import type { PrismaClient } from '../generated/prisma/client.js';
import type { ImageState } from '../modules/photo/filter.js';
import { hashOf } from './test-database.js';

/** A photo as a test knows it, beside the row that the database has. */
export interface KnownPhoto {
  readonly id: string;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly class: string | null;
  readonly split: string | null;
  readonly tags: readonly string[];
  readonly captions: readonly string[];
  readonly createdAt: Date;
  readonly state: ImageState;
  readonly styles: readonly string[];
  readonly nearDuplicates: readonly string[];
}

export interface RandomDataset {
  readonly datasetId: string;
  readonly spaceId: number;
  readonly photos: readonly KnownPhoto[];
}

const CAPTIONS = [
  'A Dog on the beach',
  '100% cotton_shirt',
  'back\\slash',
  'Ein Mädchen läuft',
  '二匹の犬',
  'dog',
  'the beach',
];
const TAGS = ['red', 'Red', 'night', 'ünïcode', 'a,b'];
const STYLES = ['sketch', 'art', 'cartoon', 'lowres'];

/** Photos with every field drawn at random; every third may be deleted, unindexed or look like another. */
export async function fillRandomDataset(
  prisma: PrismaClient,
  name: string,
  count: number,
): Promise<RandomDataset> {
  const random = createRandom(name);
  const maybe = <T>(values: readonly T[], share: number): T[] =>
    values.filter(() => random.uniform() < share);
  const one = <T>(values: readonly T[]): T => values[random.integer(values.length)] as T;
  const { id: datasetId } = await prisma.dataset.create({ data: { name } });
  const space = await prisma.embeddingSpace.upsert({
    where: { spaceHash: 'test' },
    create: { spaceHash: 'test', modelName: 'test', dimensions: 4 },
    update: {},
  });
  const drawn = Array.from({ length: count }, (_, i) => ({
    fileName: one([`Beach/${i}.JPG`, `dogs/DSC_${i}%.jpg`, `犬/${i}.png`]),
    width: 50 + random.integer(400),
    height: 50 + random.integer(400),
    class: one([null, 'dog', 'cat', 'Haus']),
    split: one([null, 'train', 'val', 'test']),
    tags: maybe(TAGS, 0.25),
    captions: maybe(CAPTIONS, 0.2),
    createdAt: new Date(Date.UTC(2026, 0, 1 + random.integer(60), random.integer(24))),
    state: one<ImageState>(['INDEXED', 'INDEXED', 'UNINDEXED', 'DELETED']),
    styles: maybe(STYLES, 0.3),
  }));
  const rows = await prisma.image.createManyAndReturn({
    data: drawn.map(({ class: className, state, styles, ...photo }, i) => ({
      ...photo,
      className,
      datasetId,
      contentHash: hashOf(`${name} ${i}`),
      mediaType: 'image/jpeg',
      byteSize: 1000 + i,
      deletedAt: state === 'DELETED' ? new Date() : null,
    })),
    select: { id: true, contentHash: true },
  });
  const ids = new Map(rows.map(({ id, contentHash }) => [contentHash, id]));
  const idOf = (i: number): string => ids.get(hashOf(`${name} ${i}`)) as string;
  await prisma.query.createMany({
    data: drawn.flatMap(({ styles, split, class: className }, i) =>
      styles.flatMap((style) =>
        [1, 2].map((n) => ({
          datasetId,
          key: `${i} ${style} ${n}`,
          style,
          origin: n === 1 ? ('BROUGHT' as const) : ('MADE' as const),
          imageId: idOf(i),
          // The second stands elsewhere than its photo.
          split: n === 1 ? split : 'elsewhere',
          className: n === 1 ? className : 'elsewhere',
          contentHash: hashOf(`${name} ${i} ${style} ${n}`),
        })),
      ),
    ),
  });
  const near = new Map<string, string[]>();
  for (let i = 0; i + 7 < count; i += 5) {
    const [a, b] = [idOf(i), idOf(i + 1 + random.integer(6))].sort() as [string, string];
    await prisma.nearDuplicate.create({ data: { imageId: a, otherId: b, hashBits: i % 9, similarity: 0.9 } });
    near.set(a, [...(near.get(a) ?? []), b]);
    near.set(b, [...(near.get(b) ?? []), a]);
  }
  const vectorOf = (i: number) => `[${[0, 1, 2, 3].map((k) => Math.sin(i * 4 + k)).join(',')}]`;
  for (const [i, { state }] of drawn.entries()) {
    if (state === 'INDEXED') {
      await prisma.$executeRaw`
        INSERT INTO embedding (space_id, image_id, dataset_id, vector)
        VALUES (${space.id}, ${idOf(i)}::uuid, ${datasetId}::uuid, ${vectorOf(i)}::vector)`;
    } else if (state === 'DELETED') {
      await prisma.$executeRaw`
        INSERT INTO parked_embedding (space_id, image_id, vector)
        VALUES (${space.id}, ${idOf(i)}::uuid, ${vectorOf(i)}::vector)`;
    }
  }
  const photos = drawn.map((photo, i) => ({
    ...photo,
    id: idOf(i),
    nearDuplicates: near.get(idOf(i)) ?? [],
  }));
  return { datasetId, spaceId: space.id, photos };
}
