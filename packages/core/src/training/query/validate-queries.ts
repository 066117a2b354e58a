import type { Tuning } from '../../freestyle/tuning.js';
import type { SmallConfig } from '../../models/small/config.js';
import type { ParameterMap } from '../../nn/parameters.js';
import type { SessionOptions } from '../../runtime/session.js';
import { plainQuery } from './augment-query.js';
import { nearest } from './choose-centring.js';
import { createQuerySession, pixelBatch, queryFeeds } from './encode-queries.js';
import type { QueryCache } from './query-cache.js';
import type { ValidationScores } from './train-query.js';

const BATCH = 32;

export interface ValidationSet {
  readonly queries: QueryCache;
  /** Unit vectors of the validation gallery, `[photos, embedding]`. */
  readonly gallery: Float32Array;
}

/** hit@1 of each style over the full validation gallery (a class query is right with any photo of its class).
 *  Queries that mean one photo of a known class count twice: for the very photo, and as `style (class)`. */
export async function validateQueries(
  weights: ParameterMap,
  config: SmallConfig,
  tuning: Tuning,
  clusters: number,
  set: ValidationSet,
  options: SessionOptions,
): Promise<ValidationScores> {
  const session = await createQuerySession(weights, config, tuning, clusters, options);
  const hits = new Map<string, { right: number; all: number }>();
  const count = (name: string, right: boolean) => {
    const tally = hits.get(name) ?? { right: 0, all: 0 };
    hits.set(name, { right: tally.right + (right ? 1 : 0), all: tally.all + 1 });
  };
  try {
    for (let start = 0; start < set.queries.count; start += BATCH) {
      const part = set.queries.queries.slice(start, start + BATCH);
      const pictures = await Promise.all(
        part.map(async (_, index) => plainQuery(await set.queries.picture(start + index), config.image.size)),
      );
      const feeds = queryFeeds(pixelBatch(pictures, config.image.size), part.length, clusters);
      const { embedding } = await session.run(feeds);
      const vectors = (embedding?.data as Float32Array | undefined) ?? new Float32Array();
      part.forEach((query, row) => {
        const vector = vectors.subarray(row * config.embedding, (row + 1) * config.embedding);
        const found = nearest(vector, set.gallery);
        count(query.style, query.targets.includes(found));
        if (query.kin) count(`${query.style} (class)`, query.kin.includes(found));
      });
    }
  } finally {
    await session.close();
  }
  return Object.fromEntries([...hits].sort().map(([style, { right, all }]) => [style, right / all]));
}
