import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prisma } from '../../../generated/prisma/client.js';
import { hashOf, type OpenTestDatabase, openTestDatabase } from '../../../testing/test-database.js';
import { knownContent, photosNamed } from './held-sql.js';

let database: OpenTestDatabase;
let datasetId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  const { prisma } = database;
  datasetId = (await prisma.dataset.create({ data: { name: 'large' } })).id;
  // So many that reading them all is not the shortest way.
  await prisma.$executeRaw`
    INSERT INTO image (id, dataset_id, content_hash, file_name, media_type, width, height, byte_size)
    SELECT gen_random_uuid(), ${datasetId}::uuid, encode(sha256(n::text::bytea), 'hex'), 'photos/' || n || '.jpg',
      'image/jpeg', 1, 1, 1
    FROM generate_series(1, 10000) AS n`;
  await prisma.$executeRaw`ANALYZE image`;
});
afterAll(() => database?.dispose());

const planOf = async (sql: Prisma.Sql): Promise<string> =>
  JSON.stringify(await database.prisma.$queryRaw(Prisma.sql`EXPLAIN ${sql}`));

it('known contents are found by the index of their hashes', async () => {
  const hashes = Array.from({ length: 32 }, (_, n) => hashOf(String(n)));
  expect(await planOf(knownContent(datasetId, 1, hashes))).toContain('image_content_hash_idx');
});

it('photos that a list names are found by the index of last names', async () => {
  const names = Array.from({ length: 32 }, (_, n) => `${n}.jpg`);
  expect(await planOf(photosNamed(datasetId, names))).toContain('image_last_name_idx');
});
