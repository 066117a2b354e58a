import { z } from 'zod';
import { createQuerySession } from '../freestyle/query-session.js';
import type { QueryTowerShape } from '../freestyle/query-tower.js';
import { restyleTower } from '../freestyle/restyle-tower.js';
import { styleOfCluster } from '../freestyle/style-of-cluster.js';
import { tuningSchema } from '../freestyle/tuning.js';
import { relevanceScaleSchema } from '../fusion/relevance.js';
import type { ParameterMap } from '../nn/parameters.js';
import { type HostTensor, hostTensor, type Session, type SessionOptions } from '../runtime/session.js';
import { styleNetwork } from '../style-space/style-network.js';
import { assertBundleFits, type ModelBundle } from '../weights/model-bundle.js';
import type { QueryEmbedding, StyleReport } from './embedding-model.js';
import { ModelError } from './model-error.js';
import type { StyleBundle } from './small/open-backbone.js';
import { readBundleWeights } from './small/read-small-bundle.js';
import type { FrozenBackbone } from './tunable-tower.js';

/** `config` of a query tower's bundle. */
export const queryTowerConfigSchema = z.object({
  tuning: tuningSchema,
  /** Names of the style clusters, in the order of the centres; empty without a style space. */
  clusters: z.array(z.string()),
  /** A query whose best cosine to a centre lies below is outside every known style. */
  knownCosine: z.number().min(-1).max(1).nullable(),
  /** Edge of the pictures that the style network reads; the tower's own where absent. */
  styleSize: z.int().positive().optional(),
  calibration: z.record(
    z.string(),
    z.object({
      mean: z.number(),
      deviation: z.number().positive(),
      separation: z.number().positive().optional(),
    }),
  ),
  /** How far above chance a score is; absent in towers whose chance was not measured. */
  relevance: relevanceScaleSchema.optional(),
});

export type QueryTowerConfig = z.infer<typeof queryTowerConfigSchema>;

/** The shape of a query tower on the backbone that it was trained for.
 *  @throws {BundleMismatchError} for the tower of another backbone.
 *  @throws {ModelError} for a bundle that is no query tower. */
export function readQueryTower(
  bundle: ModelBundle,
  backbone: FrozenBackbone,
): { readonly config: QueryTowerConfig; readonly shape: QueryTowerShape } {
  const { modelType } = bundle.manifest;
  if (!modelType.endsWith('-query')) {
    const got = `a bundle of type "${modelType}"`;
    throw new ModelError('MODEL_CONFIG', bundle.folder, `expected the bundle of a query tower, got ${got}`);
  }
  assertBundleFits(bundle, backbone);
  const parsed = queryTowerConfigSchema.safeParse(bundle.manifest.config);
  if (!parsed.success)
    throw new ModelError('MODEL_CONFIG', bundle.folder, `manifest.json: ${z.prettifyError(parsed.error)}`);
  const { tuning, clusters, styleSize } = parsed.data;
  const shape = { tower: backbone.image, tuning, clusters: clusters.length };
  return { config: parsed.data, shape: styleSize === undefined ? shape : { ...shape, styleSize } };
}

/** A query tower that runs. */
export interface QueryTower {
  readonly config: QueryTowerConfig;
  readonly session: Session;
  /** Those of the backbone and `query.*`. */
  readonly weights: ParameterMap;
  /** @param pixels uint8 `[rows, size, size, 3]`, padded at the end. @param clusters index of the cluster to impose on
   *  each picture, or −1; as many as there are pictures. */
  run(pixels: HostTensor, clusters: readonly number[]): Promise<QueryEmbedding[]>;
}

/** Opens the query tower of a bundle over its frozen backbone.
 *  @param other a style space to read instead of its own; see {@link restyleTower}. @throws as {@link readQueryTower}. */
export async function openQueryTower(
  bundle: ModelBundle,
  backbone: FrozenBackbone,
  options: SessionOptions,
  other: StyleBundle | null = null,
): Promise<QueryTower> {
  const own = readQueryTower(bundle, backbone);
  const learned = new Map([...backbone.weights, ...(await readBundleWeights(bundle))]);
  const centres = other?.weights.get('style.centres');
  const swap = other !== null && centres !== undefined && own.config.clusters.length > 0;
  const config = swap
    ? { ...own.config, clusters: [...other.clusters], knownCosine: other.knownCosine }
    : own.config;
  const shape = swap ? { ...own.shape, clusters: other.clusters.length } : own.shape;
  const weights = swap ? restyleTower(learned, centres) : learned;
  const count = config.clusters.length;
  const session = await createQuerySession(weights, shape, options);
  return {
    config,
    session,
    weights,
    async run(pixels, clusters) {
      const rows = pixels.shape[0] ?? clusters.length;
      const feeds: Record<string, HostTensor> = { pixels };
      if (count > 0) {
        const imposed = new Float32Array(rows * count);
        clusters.forEach((cluster, row) => {
          if (cluster >= 0) imposed[row * count + cluster] = 1;
        });
        feeds.imposed = hostTensor('float32', imposed, [rows, count]);
      }
      const result = await session.run(feeds);
      const vectors = rowsOf(result.embedding?.data, backbone.dimensions, clusters.length);
      if (count === 0) return vectors.map((vector) => ({ vector, style: null }));
      const weightRows = rowsOf(result.style?.data, count, clusters.length);
      const cosines = rowsOf(result.nearest?.data, 1, clusters.length);
      const grams = rowsOf(result.gram?.data, styleNetwork.width, clusters.length);
      return vectors.map((vector, row) => ({
        vector,
        style: {
          ...styleReport(config, weightRows[row] ?? new Float32Array(), cosines[row]?.[0] ?? 0),
          gram: grams[row] ?? new Float32Array(),
        },
      }));
    },
  };
}

/** The first rows of a tower's output, as copies: a view would keep the whole batch alive as long as one vector is. */
export const rowsOf = (data: unknown, width: number, count: number): Float32Array[] => {
  if (!(data instanceof Float32Array)) throw new TypeError('the tower gave no float32 rows');
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
};

function styleReport(tower: QueryTowerConfig, weights: Float32Array, nearest: number): StyleReport {
  // A style may fill two clusters, "sketch" and "sketch 2": to people it is one, with the weight of both.
  const merged = new Map<string, number>();
  tower.clusters.forEach((cluster, index) => {
    const style = styleOfCluster(cluster);
    merged.set(style, (merged.get(style) ?? 0) + (weights[index] ?? 0));
  });
  return {
    weights: [...merged].map(([style, weight]) => ({ style, weight })),
    confidence: Math.max(...merged.values()),
    known: tower.knownCosine === null || nearest >= tower.knownCosine,
  };
}
