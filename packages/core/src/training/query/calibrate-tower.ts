import { captionQueries, type Dataset } from '../../datasets/dataset.js';
import type { Tuning } from '../../freestyle/tuning.js';
import type { ScoreCalibration } from '../../models/embedding-model.js';
import type { Backbone } from '../../models/small/open-backbone.js';
import { createTextSession } from '../../models/small/run-towers.js';
import type { ParameterMap } from '../../nn/parameters.js';
import { hostTensor, type SessionOptions } from '../../runtime/session.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import { plainQuery } from './augment-query.js';
import { calibrateScores } from './calibrate-scores.js';
import { centre, chooseCentring, type StyleVectors } from './choose-centring.js';
import { createQuerySession, pixelBatch, queryFeeds } from './encode-queries.js';
import type { ValidationSet } from './validate-queries.js';

/** Queries of one style that are enough: each is measured against a whole gallery. */
const ENOUGH = 200;
const BATCH = 20;

export interface TowerCalibration {
  readonly scores: Record<string, ScoreCalibration>;
  /** `[clusters, embedding]`, see {@link chooseCentring}; null without a style space. */
  readonly centring: Float32Array | null;
}

/** What is measured of a trained tower on the validation data: what to take off queries of each style, and how far
 *  such a query then lies from photos that are not meant, the common scale on which the parts of a composite query
 *  are added. */
export async function calibrateTower(
  backbone: Backbone,
  clusters: readonly string[],
  tuning: Tuning,
  trained: { readonly weights: ParameterMap; readonly validation: ValidationSet },
  validation: readonly Dataset[],
  options: SessionOptions,
): Promise<TowerCalibration> {
  const { config } = backbone;
  const { queries, gallery } = trained.validation;
  const session = await createQuerySession(trained.weights, config, tuning, clusters.length, options);
  const measured: (StyleVectors & { readonly targets: (readonly number[])[] })[] = [];
  try {
    for (const style of new Set(queries.queries.map((query) => query.style))) {
      const members = queries.queries.flatMap((query, index) => (query.style === style ? [index] : []));
      const some = members.filter((_, place) => place % Math.ceil(members.length / ENOUGH) === 0);
      const vectors: Float32Array[] = [];
      const weights: Float32Array[] = [];
      for (let start = 0; start < some.length; start += BATCH) {
        const part = some.slice(start, start + BATCH);
        const pictures = await Promise.all(
          part.map(async (index) => plainQuery(await queries.picture(index), config.image.size)),
        );
        const pixels = pixelBatch(pictures, config.image.size);
        const result = await session.run(queryFeeds(pixels, part.length, clusters.length));
        vectors.push(...rows(result.embedding?.data, config.embedding));
        if (clusters.length > 0) weights.push(...rows(result.style?.data, clusters.length));
      }
      const chosen = some.flatMap((index) => queries.queries[index] ?? []);
      measured.push({
        style,
        vectors,
        weights,
        targets: chosen.map(({ targets }) => targets),
        right: chosen.map(({ kin, targets }) => kin ?? targets),
      });
    }
  } finally {
    await session.close();
  }
  const centring =
    clusters.length === 0 ? null : chooseCentring(measured, clusters, gallery, config.embedding);
  const scores: Record<string, ScoreCalibration> = {};
  for (const { style, vectors, weights, targets } of measured) {
    const final = centring
      ? vectors.map((vector, index) => centre(vector, weights[index] ?? new Float32Array(), centring))
      : vectors;
    scores[style] = calibrateScores(final, gallery, targets);
  }
  const text = await calibrateText(backbone, gallery, validation, options);
  // A photo as a query is read by the same tower; its own style has no made pictures to measure.
  return { scores: text ? { ...scores, text } : scores, centring };
}

const rows = (data: unknown, width: number): Float32Array[] =>
  data instanceof Float32Array
    ? Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width))
    : [];

async function calibrateText(
  backbone: Backbone,
  gallery: Float32Array,
  validation: readonly Dataset[],
  options: SessionOptions,
): Promise<ScoreCalibration | null> {
  const place = new Map<string, number>();
  let offset = 0;
  for (const dataset of validation) {
    dataset.images.forEach((image, index) => {
      place.set(image.path, offset + index);
    });
    offset += dataset.images.length;
  }
  const captions = validation.flatMap((dataset) => {
    const paths = new Map(dataset.images.map((image) => [image.file, image.path]));
    return captionQueries(dataset).map((query) => ({
      text: query.text,
      target: place.get(paths.get(query.target ?? '') ?? '') ?? -1,
    }));
  });
  const some = captions.filter((_, index) => index % Math.ceil(captions.length / ENOUGH) === 0);
  if (some.length === 0) return null;
  const { config, bundle, weights } = backbone;
  const tokens = config.text.context;
  const tokenizer = await loadTokenizer(bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json'));
  const { ids, lengths } = tokenizer.encodeBatch(
    some.map(({ text }) => text),
    tokens,
  );
  const session = await createTextSession(weights, config, tokens, options);
  try {
    const { embedding } = await session.run({
      ids: hostTensor('int64', BigInt64Array.from(ids, BigInt), [ids.length]),
      ends: hostTensor(
        'int64',
        BigInt64Array.from({ length: some.length }, (_, row) =>
          BigInt(row * tokens + (lengths[row] ?? 1) - 1),
        ),
        [some.length],
      ),
    });
    return calibrateScores(
      rows(embedding?.data, config.embedding),
      gallery,
      some.map(({ target }) => [target]),
    );
  } finally {
    await session.close();
  }
}
