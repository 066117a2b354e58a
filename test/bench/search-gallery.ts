import { createRandom } from '@freestyle/core';
import type pg from 'pg';

/** Photos as vectors, and what filters take of them. */
export interface SearchGallery {
  readonly dimensions: number;
  readonly vectors: readonly Float32Array[];
  readonly queries: readonly Float32Array[];
}

/** Unit vectors around `photos / 50` centres, as photos of things are; queries lie around the same centres. Vectors
 *  without any structure have no near ones, and no index finds those. */
export function drawGallery(photos: number, dimensions: number, queries: number): SearchGallery {
  const random = createRandom(`search ${photos}`);
  const draw = () => Float32Array.from({ length: dimensions }, () => random.normal());
  const unit = (vector: Float32Array) => {
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  };
  const centres = Array.from({ length: Math.max(2, Math.round(photos / 50)) }, draw);
  const around = () => {
    const centre = centres[random.integer(centres.length)] ?? draw();
    return unit(centre.map((value) => value + 0.9 * random.normal()));
  };
  return {
    dimensions,
    vectors: Array.from({ length: photos }, around),
    queries: Array.from({ length: queries }, around),
  };
}

/** Filters by the share of photos that meet them: classes are dealt out in turn. */
export const CLASS_OF = (n: number): string =>
  n % 200 === 0 ? 'rare' : n % 20 === 1 ? 'some' : n % 2 === 0 ? 'half' : 'rest';
export const FILTERS = { '50 %': ['half', 'rare'], '5 %': ['some'], '0.5 %': ['rare'] } as const;

/** Fills a dataset. @returns rows a second of photos `from` to the end, their vectors among them. */
export async function fillRows(
  pool: pg.Pool,
  { vectors }: SearchGallery,
  { datasetId, spaceId, from }: { datasetId: string; spaceId: number; from: number },
): Promise<number> {
  const started = performance.now();
  for (let at = from; at < vectors.length; at += 500) {
    const slice = vectors.slice(at, at + 500);
    const numbers = slice.map((_, i) => at + i);
    await pool.query(
      `WITH rows AS (SELECT * FROM unnest($1::int[], $2::text[], $3::text[]) AS r(n, class, vector)),
       photos AS (
         INSERT INTO image (id, dataset_id, content_hash, file_name, media_type, width, height, byte_size, class, captions)
         SELECT gen_random_uuid(), $4::uuid, encode(sha256(n::text::bytea), 'hex'), 'images/' || n || '.jpg', 'image/jpeg',
           640, 480, 1000, class, ARRAY['photo number ' || n] FROM rows RETURNING id, file_name)
       INSERT INTO embedding (space_id, image_id, dataset_id, vector)
       SELECT $5::int, p.id, $4::uuid, r.vector::vector FROM rows r JOIN photos p ON p.file_name = 'images/' || r.n || '.jpg'
       ORDER BY r.n`,
      [numbers, numbers.map(CLASS_OF), slice.map((vector) => `[${vector.join(',')}]`), datasetId, spaceId],
    );
    process.stderr.write(`\rfilling ${at + slice.length} of ${vectors.length} `);
  }
  process.stderr.write('\n');
  return ((vectors.length - from) * 1000) / (performance.now() - started);
}
