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
  /** Where finished batches are kept, so that a run that was killed goes on where it was. */
  readonly store?: EncodingStore | undefined;
}

/** What encoding one item gave: a vector, or why it could not be read. */
export type EncodedItem =
  | { readonly vector: Float32Array; readonly style: StyleReport | null }
  | { readonly error: string };

/** Keeps encoded items by what they are part of, in order. */
export interface EncodingStore {
  /** What an earlier run kept, from the first item on. */
  read(what: string): Promise<readonly EncodedItem[]>;
  append(what: string, items: readonly EncodedItem[]): Promise<void>;
}

/** A picture that could not be read; it is left out of every figure. */
export interface BrokenPicture {
  /** `gallery`, or the style of the query. */
  readonly what: string;
  readonly id: string;
  readonly error: string;
}

/** The photos that could be read, row i of `vectors` for `photos[i]`. */
export interface EncodedGallery {
  readonly photos: readonly EvaluationPhoto[];
  readonly vectors: EmbeddingMatrix;
  readonly broken: readonly BrokenPicture[];
}

/** Queries of one style as vectors, row i for query i. `styles[i]` is what the tower saw, null where it has no style path. */
export interface EncodedQueries {
  readonly queries: readonly EvaluationQuery[];
  readonly vectors: EmbeddingMatrix;
  readonly styles: readonly (StyleReport | null)[];
  readonly broken: readonly BrokenPicture[];
}

/** Encodes the gallery by the frozen backbone, in order. A photo that cannot be read is left out and named.
 *  @throws {EvaluationError} on an empty gallery, a vector that is not finite, or when no photo can be read. */
export async function encodeGallery(
  model: EmbeddingModel,
  photos: readonly EvaluationPhoto[],
  options: EncodeOptions = {},
): Promise<EncodedGallery> {
  const items = await encodeInBatches(
    photos,
    'gallery',
    (photo) => photo.load(),
    async (images) => (await model.encodeImages(images)).map((vector) => ({ vector, style: null })),
    options,
  );
  const { kept, vectors, broken } = sortOut(photos, items, 'gallery', 'gallery');
  return { photos: kept, vectors, broken };
}

/** Encodes queries of one style, in order: texts by the text tower, pictures by the chosen encoder. A picture that
 *  cannot be read is left out and named.
 *  @throws {EvaluationError} when texts and pictures are mixed under one style, or no picture can be read. */
export async function encodeQueries(
  model: EmbeddingModel,
  queries: readonly EvaluationQuery[],
  encoder: QueryEncoder,
  options: EncodeOptions = {},
): Promise<EncodedQueries> {
  const style = queries[0]?.style ?? 'queries';
  const texts = queries.filter(({ content }) => 'text' in content).length;
  if (texts > 0 && texts < queries.length) {
    throw new EvaluationError(
      'EVALUATION_MIXED_CONTENT',
      `Style ${style} holds ${texts} texts among ${queries.length} queries; give texts and pictures styles of their own.`,
    );
  }
  const items =
    texts > 0
      ? await encodeInBatches(
          queries.map(({ content }) => ('text' in content ? content.text : '')),
          style,
          async (text) => text,
          async (batch) => (await model.encodeTexts(batch)).map((vector) => ({ vector, style: null })),
          options,
        )
      : await encodeInBatches(
          queries,
          style,
          ({ content }) =>
            'load' in content ? content.load() : Promise.reject(new RangeError('no picture')),
          async (images) =>
            encoder === 'tower'
              ? model.encodeQueries(images)
              : (await model.encodeImages(images)).map((vector) => ({ vector, style: null })),
          options,
        );
  const { kept, vectors, styles, broken } = sortOut(queries, items, style, `${style} queries`);
  return { queries: kept, vectors, styles, broken };
}

function sortOut<Item extends { readonly id: string }>(
  all: readonly Item[],
  items: readonly EncodedItem[],
  what: string,
  name: string,
) {
  const kept: Item[] = [];
  const found: { vector: Float32Array; style: StyleReport | null }[] = [];
  const broken: BrokenPicture[] = [];
  for (const [row, item] of items.entries()) {
    const one = all[row];
    if (one === undefined) continue;
    if ('error' in item) broken.push({ what, id: one.id, error: item.error });
    else {
      kept.push(one);
      found.push(item);
    }
  }
  const [first] = broken;
  if (found.length === 0 && first !== undefined) {
    throw new EvaluationError(
      'EVALUATION_UNREADABLE',
      `${name}: none of ${broken.length} pictures can be read; the first, ${first.id}: ${first.error}`,
    );
  }
  const vectors = stackVectors(
    found.map(({ vector }) => vector),
    name,
  );
  return { kept, vectors, styles: found.map(({ style }) => style), broken };
}

/** The next batch is read while the present one is encoded. */
async function encodeInBatches<Item, Loaded>(
  items: readonly Item[],
  what: string,
  load: (item: Item) => Promise<Loaded>,
  encode: (
    batch: readonly Loaded[],
  ) => Promise<readonly { vector: Float32Array; style: StyleReport | null }[]>,
  { batchSize = DEFAULT_BATCH_SIZE, onProgress, signal, store }: EncodeOptions,
): Promise<EncodedItem[]> {
  // Only whole batches are taken over, so that the rest falls into the same batches as in a run without a stop.
  const earlier = (await store?.read(what)) ?? [];
  const out = [
    ...earlier.slice(
      0,
      earlier.length === items.length ? items.length : earlier.length - (earlier.length % batchSize),
    ),
  ];
  const loadFrom = (start: number) =>
    Promise.all(
      items.slice(start, start + batchSize).map((item) =>
        load(item).then(
          (loaded) => ({ loaded }),
          (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
        ),
      ),
    );
  let next = loadFrom(out.length);
  for (let start = out.length; start < items.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = await next;
    if (start + batchSize < items.length) next = loadFrom(start + batchSize);
    const readable = batch.flatMap((one) => ('loaded' in one ? [one.loaded] : []));
    const encoded = readable.length === 0 ? [] : await encode(readable);
    if (encoded.length !== readable.length) {
      throw new EvaluationError(
        'EVALUATION_LENGTH_MISMATCH',
        `The model gave ${encoded.length} vectors for ${readable.length} items of ${what}.`,
      );
    }
    let taken = 0;
    const done = batch.map((one): EncodedItem => {
      const item = 'error' in one ? one : encoded[taken++];
      if (item === undefined) throw new RangeError('Lengths were compared above.');
      return item;
    });
    await store?.append(what, done);
    out.push(...done);
    onProgress?.({ what, done: out.length, total: items.length });
  }
  return out;
}
