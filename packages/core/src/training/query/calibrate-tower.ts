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
import { createQuerySession, pixelBatch, queryFeeds } from './encode-queries.js';
import type { ValidationSet } from './validate-queries.js';

/** Queries of one style that are enough: each is measured against a whole gallery. */
const ENOUGH = 200;
const BATCH = 20;

/** How far a query of each style lies from photos that are not meant, on the validation data: the common scale on
 *  which the parts of a composite query are added. */
export async function calibrateTower(
  backbone: Backbone,
  clusters: number,
  tuning: Tuning,
  trained: { readonly weights: ParameterMap; readonly validation: ValidationSet },
  validation: readonly Dataset[],
  options: SessionOptions,
): Promise<Record<string, ScoreCalibration>> {
  const { config } = backbone;
  const { queries, gallery } = trained.validation;
  const session = await createQuerySession(trained.weights, config, tuning, clusters, options);
  const calibration: Record<string, ScoreCalibration> = {};
  try {
    for (const style of new Set(queries.queries.map((query) => query.style))) {
      const members = queries.queries.flatMap((query, index) => (query.style === style ? [index] : []));
      const some = members.filter((_, place) => place % Math.ceil(members.length / ENOUGH) === 0);
      const vectors: Float32Array[] = [];
      for (let start = 0; start < some.length; start += BATCH) {
        const part = some.slice(start, start + BATCH);
        const pictures = await Promise.all(
          part.map(async (index) => plainQuery(await queries.picture(index), config.image.size)),
        );
        const pixels = pixelBatch(pictures, config.image.size);
        const { embedding } = await session.run(queryFeeds(pixels, part.length, clusters));
        vectors.push(...rows(embedding?.data, config.embedding));
      }
      calibration[style] = calibrateScores(
        vectors,
        gallery,
        some.map((index) => queries.queries[index]?.targets ?? []),
      );
    }
  } finally {
    await session.close();
  }
  const text = await calibrateText(backbone, gallery, validation, options);
  // A photo as a query is read by the same tower; its own style has no made pictures to measure.
  return text ? { ...calibration, text } : calibration;
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
