import { join } from 'node:path';
import type { Dataset } from '../../../datasets/dataset.js';
import { squash } from '../../../image/crop-resize.js';
import type { StyleBundle } from '../../../models/small/open-backbone.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { featureMatrix } from '../../../style-space/feature-matrix.js';
import { kMeans } from '../../../style-space/kmeans.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import { planQueries } from '../query/plan-queries.js';
import { openQueryCache } from '../query/query-cache.js';
import { createQuerySampler } from '../query/query-sampler.js';
import { queryPlanOptions } from '../query/run-query-training.js';
import {
  bestCosine,
  KNOWN_SHARE,
  nameByMajority,
  quantile,
  runStyleNetwork,
  type StyledPicture,
} from './train-style.js';

export interface RefitStyleOptions {
  readonly datasets: readonly Dataset[];
  /** Query pictures, as query training keeps them. */
  readonly cache: string;
  readonly perPhoto: number;
  readonly clusters: number;
  readonly seed: number;
  readonly session: SessionOptions;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

/** Pictures of each kind of query that the clusters are fitted to: more move no centre. */
const PER_STYLE = 300;

const HELD_EVERY = 7;

/** The same style network with another number of clusters, fitted to the training pictures.
 *  @throws {StyleSpaceError} for more clusters than pictures. */
export async function refitStyle(style: StyleBundle, options: RefitStyleOptions): Promise<StyleBundle> {
  const pictures = await drawPictures(options, style.size);
  const { session } = options;
  const features = await runStyleNetwork(style.weights, pictures, { size: style.size, session });
  // Every seventh picture only calibrates: what the centres were fitted to lies nearer to them than what comes.
  const isHeld = (index: number): boolean => index % HELD_EVERY === HELD_EVERY - 1;
  const fitted = features.filter((_, index) => !isHeld(index));
  const held = features.filter((_, index) => isHeld(index));
  const found = kMeans(featureMatrix(fitted), options.clusters, { seed: options.seed });
  return {
    size: style.size,
    clusters: nameByMajority(
      found.labels,
      pictures.filter((_, index) => !isHeld(index)).map((one) => one.style),
      options.clusters,
    ),
    knownCosine: quantile(
      (held.length > 0 ? held : fitted).map((feature) => bestCosine(found.centroids, feature)),
      1 - KNOWN_SHARE,
    ),
    weights: new Map([
      ...style.weights,
      [
        'style.centres',
        { shape: [options.clusters, styleNetwork.width], data: found.centroids.data },
      ] as const,
    ]),
  };
}

async function drawPictures(options: RefitStyleOptions, size: number): Promise<StyledPicture[]> {
  const { datasets, seed } = options;
  const { queries } = planQueries(datasets, queryPlanOptions('train', options.perPhoto));
  const cache = await openQueryCache(join(options.cache, 'train'), queries, seed);
  // The pictures that a training of this seed draws first: it has made them, or will.
  const sampler = createQuerySampler(queries, createRandom(`${seed}:epoch:0`).fork('order'));
  const chosen = [...new Set(sampler.batch(PER_STYLE * sampler.styles.length))];
  const drawn: StyledPicture[] = [];
  for (const [done, index] of chosen.entries()) {
    const style = queries[index]?.style ?? '';
    drawn.push({ picture: squash(await cache.picture(index), size), style });
    options.onProgress('pictures of every style', done + 1, chosen.length);
  }
  await cache.close();
  return drawn;
}
