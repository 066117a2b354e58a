import type { Dataset } from '../../../datasets/dataset.js';
import { createQuerySession, queryFeeds } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import { squash } from '../../../image/crop-resize.js';
import type { ScoreCalibration } from '../../../models/embedding-model.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { createTextSession } from '../../../models/tower-sessions.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { isUnseenStyle } from '../../../styles/held-out/held-out-names.js';
import { calibratePhotos, calibrateScores } from './calibrate-scores.js';
import { planCaptions, thinCaptions } from './caption-queries.js';
import { centre, chooseCentring, type StyleVectors } from './choose-centring.js';
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
 *  such a query then lies from photos that are not right for it, the common scale on which the parts of a composite query
 *  are added. */
export async function calibrateTower(
  backbone: FrozenBackbone,
  clusters: readonly string[],
  shape: QueryTowerShape,
  trained: { readonly weights: ParameterMap; readonly validation: ValidationSet },
  validation: readonly Dataset[],
  options: SessionOptions,
): Promise<TowerCalibration> {
  const { size, embedding: width } = shape.tower;
  const { queries, gallery } = trained.validation;
  const session = await createQuerySession(trained.weights, shape, options);
  const measured: (StyleVectors & { readonly targets: (readonly number[])[] })[] = [];
  try {
    const styles = new Set(queries.queries.map((query) => query.style));
    // What held-out makers drew is there to judge by; no query comes as one of them.
    for (const style of [...styles].filter((name) => !isUnseenStyle(name))) {
      const members = queries.queries.flatMap((query, index) => (query.style === style ? [index] : []));
      const some = members.filter((_, place) => place % Math.ceil(members.length / ENOUGH) === 0);
      const vectors: Float32Array[] = [];
      const weights: Float32Array[] = [];
      for (let start = 0; start < some.length; start += BATCH) {
        const part = some.slice(start, start + BATCH);
        const pictures = await Promise.all(
          part.map(async (index) => squash(await queries.picture(index), size)),
        );
        const pixels = pixelBatch(pictures, size);
        const result = await session.run(queryFeeds(pixels, part.length, clusters.length));
        vectors.push(...rows(result.embedding?.data, width));
        if (clusters.length > 0) weights.push(...rows(result.style?.data, clusters.length));
      }
      const chosen = some.flatMap((index) => queries.queries[index] ?? []);
      measured.push({
        style,
        vectors,
        weights,
        targets: chosen.map(({ targets }) => targets),
        right: chosen.map(({ sameClass, targets }) => sameClass ?? targets),
      });
    }
  } finally {
    await session.close();
  }
  // Where photos go through the same tower, what is common to a style is common to them too.
  const centring =
    clusters.length === 0 || shape.tuning.symmetric
      ? null
      : chooseCentring(measured, clusters, gallery, width);
  const scores: Record<string, ScoreCalibration> = {};
  for (const { style, vectors, weights, targets } of measured) {
    const final = centring
      ? vectors.map((vector, index) => centre(vector, weights[index] ?? new Float32Array(), centring))
      : vectors;
    scores[style] = calibrateScores(final, gallery, targets);
  }
  const text = await calibrateText(backbone, shape.tuning, trained, validation, options);
  const photo = calibratePhotos(gallery, width, ENOUGH);
  return { scores: { ...scores, ...(text && { text }), ...(photo && { photo }) }, centring };
}

const rows = (data: unknown, width: number): Float32Array[] =>
  data instanceof Float32Array
    ? Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width))
    : [];

async function calibrateText(
  backbone: FrozenBackbone,
  tuning: Tuning,
  trained: { readonly weights: ParameterMap; readonly validation: ValidationSet },
  validation: readonly Dataset[],
  options: SessionOptions,
): Promise<ScoreCalibration | null> {
  const some = thinCaptions(planCaptions(validation), ENOUGH);
  if (some.length === 0) return null;
  const session = await createTextSession(trained.weights, backbone.text, tuning, options);
  try {
    const { embedding } = await session.run(backbone.text.feeds(some.map(({ text }) => text)));
    return calibrateScores(
      rows(embedding?.data, backbone.dimensions),
      trained.validation.gallery,
      some.map(({ target }) => [target]),
    );
  } finally {
    await session.close();
  }
}
