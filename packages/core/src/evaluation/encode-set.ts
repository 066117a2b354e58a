import type { EmbeddingModel, StyleReport } from '../models/embedding-model.js';
import { type EmbeddingMatrix, EvaluationError, stackVectors } from './embedding-matrix.js';
import type { EvaluationPhoto, EvaluationQuery } from './evaluation-set.js';

/** Which tower encodes query pictures: the tuned one, or the frozen backbone that encodes the gallery. */
export type QueryEncoder = 'tower' | 'backbone';

export interface EncodeProgress {
  /** `gallery`, or the style of the queries. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Pictures encoded at once: enough to fill the runtime's threads, little memory. */
export const DEFAULT_BATCH_SIZE = 32;

export interface EncodeOptions {
  readonly batchSize?: number | undefined;
  readonly onProgress?: ((progress: EncodeProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Queries of one style as vectors, row i for query i. `styles[i]` is what the tower saw, null where it has no style path. */
export interface EncodedQueries {
  readonly vectors: EmbeddingMatrix;
  readonly styles: readonly (StyleReport | null)[];
}

/** Encodes the gallery by the frozen backbone, in order.
 *  @throws {EvaluationError} on an empty gallery or a vector that is not finite; the loader's error on a bad file. */
export async function encodeGallery(
  model: EmbeddingModel,
  photos: readonly EvaluationPhoto[],
  options: EncodeOptions = {},
): Promise<EmbeddingMatrix> {
  const vectors = await encodeInBatches(
    photos,
    'gallery',
    async (batch) => Promise.all(batch.map((photo) => photo.load())),
    (images) => model.encodeImages(images),
    options,
  );
  return stackVectors(vectors, 'gallery');
}

/** Encodes queries of one style, in order: texts by the text tower, pictures by the chosen encoder.
 *  @throws {EvaluationError} when texts and pictures are mixed under one style. */
export async function encodeQueries(
  model: EmbeddingModel,
  queries: readonly EvaluationQuery[],
  encoder: QueryEncoder,
  options: EncodeOptions = {},
): Promise<EncodedQueries> {
  const style = queries[0]?.style ?? 'queries';
  const texts = queries.flatMap(({ content }) => ('text' in content ? [content.text] : []));
  if (texts.length === queries.length) {
    const vectors = await encodeInBatches(
      texts,
      style,
      async (batch) => batch,
      (batch) => model.encodeTexts(batch),
      options,
    );
    return { vectors: stackVectors(vectors, `${style} queries`), styles: vectors.map(() => null) };
  }
  if (texts.length > 0) {
    throw new EvaluationError(
      'EVALUATION_MIXED_CONTENT',
      `Style ${style} holds ${texts.length} texts among ${queries.length} queries; give texts and pictures styles of their own.`,
    );
  }
  const encoded = await encodeInBatches(
    queries,
    style,
    async (batch) => Promise.all(batch.flatMap(({ content }) => ('load' in content ? [content.load()] : []))),
    async (images) =>
      encoder === 'tower'
        ? model.encodeQueries(images)
        : (await model.encodeImages(images)).map((vector) => ({ vector, style: null })),
    options,
  );
  return {
    vectors: stackVectors(
      encoded.map(({ vector }) => vector),
      `${style} queries`,
    ),
    styles: encoded.map((query) => query.style),
  };
}

/** The next batch is read while the present one is encoded. */
async function encodeInBatches<Item, Loaded, Encoded>(
  items: readonly Item[],
  what: string,
  load: (batch: readonly Item[]) => Promise<readonly Loaded[]>,
  encode: (batch: readonly Loaded[]) => Promise<readonly Encoded[]>,
  { batchSize = DEFAULT_BATCH_SIZE, onProgress, signal }: EncodeOptions,
): Promise<Encoded[]> {
  const out: Encoded[] = [];
  const loadFrom = (start: number) => {
    const loading = load(items.slice(start, start + batchSize));
    // Awaited one batch later: until then a failure must not count as unhandled.
    loading.catch(() => undefined);
    return loading;
  };
  let next = loadFrom(0);
  for (let start = 0; start < items.length; start += batchSize) {
    signal?.throwIfAborted();
    const loaded = await next;
    if (start + batchSize < items.length) next = loadFrom(start + batchSize);
    const encoded = await encode(loaded);
    if (encoded.length !== loaded.length) {
      throw new EvaluationError(
        'EVALUATION_LENGTH_MISMATCH',
        `The model gave ${encoded.length} vectors for ${loaded.length} items of ${what}.`,
      );
    }
    out.push(...encoded);
    onProgress?.({ what, done: out.length, total: items.length });
  }
  return out;
}
