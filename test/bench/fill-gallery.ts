import type pg from 'pg';

export interface Gallery {
  readonly datasetId: string;
  readonly photos: number;
}

/** Fills a dataset with rows as an import of many photos leaves them: five captions a photo, classes, splits, tags,
 *  two or three queries for most photos, vectors for nearly all, some near-duplicates and some deleted. No files. */
export async function fillGallery(pool: pg.Pool, photos: number): Promise<Gallery> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO dataset (id, name) VALUES (gen_random_uuid(), 'gallery') RETURNING id`,
  );
  const datasetId = rows[0]?.id ?? '';
  // In steps, so that the embedded database need not hold all of it at once.
  for (let from = 0; from < photos; from += 10_000) {
    const range = [datasetId, from, Math.min(photos, from + 10_000) - 1];
    await pool.query(IMAGES, range);
    await pool.query(QUERIES, range);
    process.stderr.write(`\rfilling ${range[2]} of ${photos} `);
  }
  await pool.query(VECTORS, [datasetId]);
  await pool.query(NEAR_DUPLICATES, [datasetId]);
  // As every job does at its end.
  await pool.query('ANALYZE image, query, embedding, near_duplicate');
  process.stderr.write('\n');
  return { datasetId, photos };
}

// Ordered as version 7 ids are: by the moment of creation.
const id = (prefix: string) => `('${prefix}-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
const pick = (words: readonly string[], n: string) =>
  `(ARRAY['${words.join("','")}'])[1 + (${n}) % ${words.length}]`;
const caption = (
  k: number,
) => `'a ' || ${pick(['brown', 'white', 'small', 'young', 'wet', 'old', 'tall'], `n * ${k} + 1`)}
  || ' ' || ${pick(['dog', 'woman', 'man', 'child', 'horse', 'bird', 'group of people', 'climber'], `n / ${k}`)}
  || ' runs across the ' || ${pick(['beach', 'street', 'snow', 'field', 'water'], `n * ${k + 1}`)} || ' with number ' || n`;

const IMAGES = `
  INSERT INTO image (id, dataset_id, content_hash, file_name, media_type, width, height, byte_size, class, split,
    captions, tags, created_at, deleted_at)
  SELECT ${id('00000001')}, $1::uuid, encode(sha256(n::text::bytea), 'hex'), 'images/' || n % 97 || '/' || n || '.jpg',
    'image/jpeg', 200 + n * 7 % 900, 200 + n * 11 % 700, 40000,
    CASE WHEN n % 10 = 0 THEN NULL ELSE 'class ' || n % 120 END, ${pick(['train', 'train', 'train', 'val', 'test'], 'n')},
    CASE WHEN n % 20 = 0 THEN '{}' ELSE ARRAY[${[1, 2, 3, 5, 7].map(caption).join(', ')}] END,
    CASE WHEN n % 4 = 0 THEN ARRAY['tag ' || n % 30] WHEN n % 1000 = 1 THEN ARRAY['rare'] ELSE '{}' END,
    timestamptz '2026-01-01' + n * interval '1 minute', CASE WHEN n % 50 = 7 THEN now() END
  FROM generate_series($2::int, $3::int) AS n`;

const QUERIES = `
  INSERT INTO query (id, dataset_id, key, style, origin, image_id, content_hash)
  SELECT gen_random_uuid(), $1::uuid, s.style || n, s.style, 'MADE', ${id('00000001')},
    encode(sha256((s.style || n)::bytea), 'hex')
  FROM generate_series($2::int, $3::int) AS n
  JOIN (VALUES ('sketch', 3), ('art', 2), ('lowres', 1), ('rare', 2000)) AS s(style, every) ON n % s.every = 0`;

const VECTORS = `
  INSERT INTO embedding (space_id, image_id, dataset_id, vector)
  SELECT s.id, i.id, i.dataset_id, array_fill(0.125::real, ARRAY[s.dimensions])::vector
  FROM image i, embedding_space s WHERE i.dataset_id = $1::uuid AND i.deleted_at IS NULL AND i.byte_size % 100 = 0
    AND right(i.content_hash, 1) <> '0'`;

const NEAR_DUPLICATES = `
  INSERT INTO near_duplicate (image_id, other_id, hash_bits)
  SELECT id, next, 3 FROM (
    SELECT id, lead(id) OVER (ORDER BY id) AS next, row_number() OVER (ORDER BY id) AS n
    FROM image WHERE dataset_id = $1::uuid) AS pairs
  WHERE n % 50 = 0 AND next IS NOT NULL`;
