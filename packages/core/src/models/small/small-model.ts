import { z } from 'zod';
import { tuningSchema } from '../../freestyle/tuning.js';
import type { RgbImage } from '../../image/rgb-image.js';
import { createBatcher } from '../../runtime/micro-batcher.js';
import { type HostTensor, hostTensor, type Session, type SessionOptions } from '../../runtime/session.js';
import { bucketSize } from '../../runtime/shape-buckets.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { createQuerySession, pixelBatch } from '../../training/query/encode-queries.js';
import { assertBundleFits, type ModelBundle } from '../../weights/model-bundle.js';
import type { EmbeddingModel, QueryEmbedding, StyleReport } from '../embedding-model.js';
import { type SmallConfig, smallConfigSchema } from './config.js';
import { fitPicture } from './fit-picture.js';
import { readBundleWeights } from './read-small-bundle.js';
import { createImageSession, createTextSession } from './run-towers.js';

/** `config` of a query tower's bundle. */
export const queryTowerConfigSchema = z.object({
  tuning: tuningSchema,
  /** Names of the style clusters, in the order of the centres; empty without a style space. */
  clusters: z.array(z.string()),
  /** A query whose best cosine to a centre lies below is outside every known style. */
  knownCosine: z.number().min(-1).max(1).nullable(),
  calibration: z.record(
    z.string(),
    z.object({
      mean: z.number(),
      deviation: z.number().positive(),
      separation: z.number().positive().optional(),
    }),
  ),
});

export type QueryTowerConfig = z.infer<typeof queryTowerConfigSchema>;

/** On two cores a run of 16 pictures is as quick per picture as any larger one. */
const MAX_BATCH = 16;
/** Long enough for the calls of one request to meet, short against a forward pass. */
const MAX_WAIT_MS = 2;

interface QueryJob {
  readonly image: RgbImage;
  /** Index of the cluster to impose, or −1. */
  readonly cluster: number;
}

/** The product's small dual encoder: gallery and texts by the backbone, query pictures by the query tower,
 *  or by the backbone too where `query` is null.
 *  @throws {BundleMismatchError} if the query tower was trained for another backbone. */
export async function loadSmallModel(
  backbone: ModelBundle,
  query: ModelBundle | null,
  options: SessionOptions = {},
): Promise<EmbeddingModel> {
  const config = smallConfigSchema.parse(backbone.manifest.config);
  if (query) assertBundleFits(query, { name: backbone.manifest.name, hash: backbone.hash });
  const weights = await readBundleWeights(backbone);
  const image = await createImageSession(weights, config, 'image', options);
  const text = await createTextSession(weights, config, config.text.context, options);
  const tower = query ? await openQueryTower(query, weights, config, options) : null;
  const tokenizer = await loadTokenizer(backbone.path(backbone.manifest.tokenizer ?? 'tokenizer.json'));

  const images = createBatcher<RgbImage, Float32Array>({
    maxBatch: MAX_BATCH,
    maxWaitMs: MAX_WAIT_MS,
    run: (batch) => runImages(image, batch, config),
  });
  const texts = createBatcher<string, Float32Array>({
    maxBatch: 2 * MAX_BATCH,
    maxWaitMs: MAX_WAIT_MS,
    run: (batch) => runTexts(text, tokenizer, batch, config),
  });
  const queries = createBatcher<QueryJob, QueryEmbedding>({
    maxBatch: MAX_BATCH,
    maxWaitMs: MAX_WAIT_MS,
    run: (batch) => (tower ? tower.run(batch) : plainQueries(image, batch, config)),
  });

  return {
    name: query ? query.manifest.name : backbone.manifest.name,
    spaceHash: backbone.hash,
    queryHash: query?.hash ?? backbone.hash,
    dimensions: config.embedding,
    provider: image.provider,
    calibration: tower?.config.calibration ?? {},
    encodeImages: (batch) => images.submitAll(batch),
    encodeTexts: (batch) => texts.submitAll(batch),
    encodeQueries: (batch, style) => {
      const cluster = style === undefined ? -1 : (tower?.config.clusters.indexOf(style) ?? -1);
      return queries.submitAll(batch.map((one) => ({ image: one, cluster })));
    },
    async close() {
      await Promise.all([images.close(), texts.close(), queries.close()]);
      await Promise.all([image.close(), text.close(), tower?.session.close()]);
    },
  };
}

async function fillPixels(images: readonly RgbImage[], size: number, most: number) {
  const fitted = await Promise.all(images.map((image) => fitPicture(image, size)));
  const [first] = fitted;
  const rows = bucketSize(fitted.length, most);
  while (first && fitted.length < rows) fitted.push(first);
  return pixelBatch(fitted, size);
}

const rowsOf = (data: unknown, width: number, count: number): Float32Array[] => {
  if (!(data instanceof Float32Array)) throw new TypeError('the tower gave no float32 rows');
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
};

async function runImages(session: Session, batch: readonly RgbImage[], config: SmallConfig) {
  const pixels = await fillPixels(batch, config.image.size, MAX_BATCH);
  return rowsOf((await session.run({ pixels })).embedding?.data, config.embedding, batch.length);
}

async function plainQueries(session: Session, batch: readonly QueryJob[], config: SmallConfig) {
  const vectors = await runImages(
    session,
    batch.map((job) => job.image),
    config,
  );
  return vectors.map((vector) => ({ vector, style: null }));
}

async function runTexts(
  session: Session,
  tokenizer: Tokenizer,
  batch: readonly string[],
  config: SmallConfig,
): Promise<Float32Array[]> {
  const tokens = config.text.context;
  const rows = bucketSize(batch.length, 2 * MAX_BATCH);
  const padded = [...batch, ...Array.from({ length: rows - batch.length }, () => '')];
  const { ids, lengths } = tokenizer.encodeBatch(padded, tokens);
  const ends = BigInt64Array.from({ length: rows }, (_, row) =>
    BigInt(row * tokens + (lengths[row] ?? 1) - 1),
  );
  const result = await session.run({
    ids: hostTensor('int64', BigInt64Array.from(ids, BigInt), [rows * tokens]),
    ends: hostTensor('int64', ends, [rows]),
  });
  return rowsOf(result.embedding?.data, config.embedding, batch.length);
}

async function openQueryTower(
  bundle: ModelBundle,
  backbone: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
  config: SmallConfig,
  options: SessionOptions,
) {
  const tower = queryTowerConfigSchema.parse(bundle.manifest.config);
  const weights = new Map([...backbone, ...(await readBundleWeights(bundle))]);
  const clusters = tower.clusters.length;
  const session = await createQuerySession(weights, config, tower.tuning, clusters, options);
  return {
    config: tower,
    session,
    async run(batch: readonly QueryJob[]): Promise<QueryEmbedding[]> {
      const images = batch.map((job) => job.image);
      const pixels = await fillPixels(images, config.image.size, MAX_BATCH);
      const rows = pixels.shape[0] ?? batch.length;
      const imposed = new Float32Array(rows * clusters);
      batch.forEach((job, row) => {
        if (job.cluster >= 0) imposed[row * clusters + job.cluster] = 1;
      });
      const feeds: Record<string, HostTensor> = { pixels };
      if (clusters > 0) feeds.imposed = hostTensor('float32', imposed, [rows, clusters]);
      const result = await session.run(feeds);
      const vectors = rowsOf(result.embedding?.data, config.embedding, batch.length);
      if (clusters === 0) return vectors.map((vector) => ({ vector, style: null }));
      const weightRows = rowsOf(result.style?.data, clusters, batch.length);
      const cosines = rowsOf(result.nearest?.data, 1, batch.length);
      return vectors.map((vector, row) => ({
        vector,
        style: styleReport(tower, weightRows[row] ?? new Float32Array(), cosines[row]?.[0] ?? 0),
      }));
    },
  };
}

function styleReport(tower: QueryTowerConfig, weights: Float32Array, nearest: number): StyleReport {
  // A style may fill two clusters, "sketch" and "sketch 2": to people it is one, with the weight of both.
  const merged = new Map<string, number>();
  tower.clusters.forEach((cluster, index) => {
    const style = cluster.replace(/ \d+$/, '');
    merged.set(style, (merged.get(style) ?? 0) + (weights[index] ?? 0));
  });
  return {
    weights: [...merged].map(([style, weight]) => ({ style, weight })),
    confidence: Math.max(...merged.values()),
    known: tower.knownCosine === null || nearest >= tower.knownCosine,
  };
}
