import { createQuerySession, queryFeeds } from '../../../freestyle/query-session.js';
import { OFFSET_SCALE, type QueryTowerShape } from '../../../freestyle/query-tower.js';
import { squash } from '../../../image/crop-resize.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import type { QueryCache } from './query-cache.js';
import { createQuerySampler } from './query-sampler.js';

/** Query pictures that the places are measured on: the first that training draws, so that they are made anyway. */
const SAMPLE = 600;
const BATCH = 30;

/** Sets `query.offsets` of a centred tower that has none yet to where the queries of each cluster lie: the mean of their vectors,
 *  by their weights. The tower then starts with the hubs out of the way, and learns from there. */
export async function measureStylePlaces(
  weights: Map<string, Parameter>,
  shape: QueryTowerShape,
  queries: QueryCache,
  seed: number,
  options: SessionOptions,
): Promise<void> {
  const { clusters, tower } = shape;
  const { embedding: width, size } = tower;
  const sampler = createQuerySampler(queries.queries, createRandom(`${seed}:epoch:0`).fork('order'));
  const chosen = [...new Set(sampler.batch(SAMPLE))];
  const sums = new Float64Array(clusters * width);
  const totals = new Float64Array(clusters);
  const offsets = new Float32Array(clusters * width);
  weights.set('query.offsets', { shape: [clusters, width], data: offsets });
  const session = await createQuerySession(weights, shape, options);
  try {
    for (let start = 0; start < chosen.length; start += BATCH) {
      const part = chosen.slice(start, start + BATCH);
      const pictures = await Promise.all(
        part.map(async (index) => squash(await queries.picture(index), size)),
      );
      const result = await session.run(queryFeeds(pixelBatch(pictures, size), part.length, clusters));
      const vectors = result.embedding?.data as Float32Array;
      const styles = result.style?.data as Float32Array;
      for (let row = 0; row < part.length; row++) {
        for (let cluster = 0; cluster < clusters; cluster++) {
          const weight = styles[row * clusters + cluster] ?? 0;
          totals[cluster] = (totals[cluster] ?? 0) + weight;
          for (let i = 0; i < width; i++) {
            const at = cluster * width + i;
            sums[at] = (sums[at] ?? 0) + weight * (vectors[row * width + i] ?? 0);
          }
        }
      }
    }
  } finally {
    await session.close();
  }
  for (let at = 0; at < offsets.length; at++) {
    const total = totals[Math.floor(at / width)] ?? 0;
    if (total > 0) offsets[at] = (sums[at] ?? 0) / total / OFFSET_SCALE;
  }
}
