import type { RgbImage } from '../image/rgb-image.js';
import { createBatcher } from '../runtime/micro-batcher.js';
import type { Session, SessionOptions } from '../runtime/session.js';
import { bucketSize } from '../runtime/shape-buckets.js';
import type { ModelBundle } from '../weights/model-bundle.js';
import type { EmbeddingModel, QueryEmbedding } from './embedding-model.js';
import { SymmetricTowerError } from './model-error.js';
import { openQueryTower, readQueryTower, rowsOf } from './open-query-tower.js';
import { pixelBatch } from './pixel-batch.js';
import type { StyleBundle } from './small/open-backbone.js';
import { createTextSession, createTowerSession } from './tower-sessions.js';
import type { FrozenBackbone, TunableImageTower } from './tunable-tower.js';

/** On two cores a run of 16 pictures is as quick per picture as any larger one; the activations of a ViT-B/32 at 224
 *  pixels stay under 200 MB. */
const MAX_IMAGES = 16;
const MAX_TEXTS = 32;

/** Long enough for the calls of one request to meet, short against a forward pass. */
const MAX_WAIT_MS = 2;

interface QueryJob {
  readonly image: RgbImage;
  /** Index of the cluster to impose, or −1. */
  readonly cluster: number;
}

export interface DualEncoderOptions extends SessionOptions {
  /** Also open a symmetric tower, which encodes the gallery too: for evaluation. Refused when absent, because its
   *  photos do not lie where the backbone put them. */
  readonly symmetric?: boolean;
  /** Another style space for the query tower to read than its own. */
  readonly style?: StyleBundle;
}

/** A dual encoder as an {@link EmbeddingModel}: the gallery by the frozen backbone, query pictures by the query tower
 *  (and texts too where it has text prompts), or by the backbone too (with no style path) where `query` is null. Calls at the same time share a run.
 *  @throws {BundleMismatchError} if the query tower was trained for another backbone.
 *  @throws {SymmetricTowerError} for a symmetric tower, unless asked for. */
export async function createDualEncoder(
  backbone: FrozenBackbone,
  query: ModelBundle | null,
  { symmetric: maySymmetric = false, style, ...options }: DualEncoderOptions = {},
): Promise<EmbeddingModel> {
  const { weights, dimensions } = backbone;
  const isSymmetric = query !== null && readQueryTower(query, backbone).config.tuning.symmetric === true;
  if (isSymmetric && !maySymmetric) throw new SymmetricTowerError(query.manifest.name);
  const tower = query ? await openQueryTower(query, backbone, options, style) : null;
  const image = await createTowerSession(weights, backbone.image, options);
  const tuning = tower?.config.tuning ?? null;
  const text = await createTextSession(tower?.weights ?? weights, backbone.text, tuning, options);

  const images = createBatcher<RgbImage, Float32Array>({
    maxBatch: MAX_IMAGES,
    maxWaitMs: MAX_WAIT_MS,
    run: (batch) => runImages(image, backbone, batch),
  });
  const texts = createBatcher<string, Float32Array>({
    maxBatch: MAX_TEXTS,
    maxWaitMs: MAX_WAIT_MS,
    async run(batch) {
      const { embedding } = await text.run(backbone.text.feeds(fill(batch, MAX_TEXTS)));
      return rowsOf(embedding?.data, dimensions, batch.length);
    },
  });
  const queries = createBatcher<QueryJob, QueryEmbedding>({
    maxBatch: MAX_IMAGES,
    maxWaitMs: MAX_WAIT_MS,
    async run(batch) {
      const pictures = batch.map((job) => job.image);
      if (!tower) {
        const vectors = await runImages(image, backbone, pictures);
        return vectors.map((vector) => ({ vector, style: null }));
      }
      const pixels = await pixelsOf(pictures, backbone.image);
      return tower.run(
        pixels,
        batch.map((job) => job.cluster),
      );
    },
  });

  const asQueries = async (batch: readonly RgbImage[]) => {
    const seen = await queries.submitAll(batch.map((one) => ({ image: one, cluster: -1 })));
    return seen.map(({ vector }) => vector);
  };

  return {
    name: query ? query.manifest.name : backbone.name,
    // The photos of a symmetric tower lie in a space of its own.
    spaceHash: isSymmetric ? query.hash : backbone.hash,
    ...(isSymmetric ? { symmetric: true } : {}),
    queryHash: query?.hash ?? backbone.hash,
    dimensions,
    provider: image.provider,
    calibration: tower?.config.calibration ?? {},
    relevance: tower?.config.relevance ?? null,
    encodeImages: (batch) => (isSymmetric ? asQueries(batch) : images.submitAll(batch)),
    encodeTexts: (batch) => texts.submitAll(batch),
    ...readableBy(backbone),
    async encodeQueries(batch, style) {
      const cluster = style === undefined ? -1 : (tower?.config.clusters.indexOf(style) ?? -1);
      const reports = await queries.submitAll(batch.map((one) => ({ image: one, cluster })));
      if (!tower || isSymmetric) return reports;
      // A plain photo is read as the gallery is, so that it finds itself and its like.
      const plain = reports.map((report) => (style ?? likeliestStyle(report)) === PHOTO);
      const vectors = await images.submitAll(batch.filter((_, i) => plain[i]));
      return reports.map((report, i) =>
        plain[i] ? { ...report, vector: vectors.shift() ?? report.vector } : report,
      );
    },
    async close() {
      await Promise.all([images.close(), texts.close(), queries.close()]);
      await Promise.all([image.close(), text.close(), tower?.session.close()]);
    },
  };
}

/** The style of pictures that are no drawing of anything. */
const PHOTO = 'photo';

const likeliestStyle = ({ style }: QueryEmbedding): string | undefined =>
  style?.weights.reduce((best, one) => (one.weight > best.weight ? one : best)).style;

function readableBy({ text }: FrozenBackbone): Pick<EmbeddingModel, 'readableLengths'> {
  const { readable } = text;
  return readable ? { readableLengths: async (texts) => texts.map(readable) } : {};
}

async function runImages(session: Session, backbone: FrozenBackbone, batch: readonly RgbImage[]) {
  const { embedding } = await session.run({ pixels: await pixelsOf(batch, backbone.image) });
  return rowsOf(embedding?.data, backbone.dimensions, batch.length);
}

async function pixelsOf(batch: readonly RgbImage[], tower: TunableImageTower) {
  const fitted = await Promise.all(batch.map((image) => tower.fit(image)));
  return pixelBatch(fill(fitted, MAX_IMAGES), tower.size);
}

/** The batch, its first item repeated up to the next batch size that the runtime keeps buffers for. */
function fill<T>(batch: readonly T[], most: number): T[] {
  const rows = bucketSize(batch.length, most);
  return Array.from({ length: rows }, (_, i) => batch[i < batch.length ? i : 0]).filter(
    (item) => item !== undefined,
  );
}
