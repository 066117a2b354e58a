import { createQuerySession, queryFeeds } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import { squash } from '../../../image/crop-resize.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { createTextSession } from '../../../models/tower-sessions.js';
import type { TunableTextTower } from '../../../models/tunable-tower.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { meanScore, type ValidationFigure } from '../../recipe.js';
import type { PlannedCaption } from './caption-queries.js';
import { nearest } from './choose-centring.js';
import type { QueryCache } from './query-cache.js';

/** Queries in one run of the tower: on two cores a larger one is no quicker. */
const BATCH = 32;

export interface ValidationSet {
  readonly queries: QueryCache;
  /** Unit vectors of the validation gallery, `[photos, embedding]`. */
  readonly gallery: Float32Array;
  /** The gallery's pictures, where the tower encodes them itself. */
  readonly photos?: QueryCache;
  /** Text queries, for a tuning with text prompts. */
  readonly captions?: readonly PlannedCaption[];
}

/** Closes what a validation set holds open. */
export async function closeValidation({ queries, photos }: ValidationSet): Promise<void> {
  await Promise.all([queries.close(), photos?.close()]);
}

/** The gallery as the tower of a symmetric tuning encodes it. */
export async function tunedGallery(
  weights: ParameterMap,
  shape: QueryTowerShape,
  photos: QueryCache,
  options: SessionOptions,
): Promise<Float32Array> {
  const session = await createQuerySession(weights, shape, options);
  try {
    const { size, embedding: width } = shape.tower;
    const vectors = new Float32Array(photos.count * width);
    for (let start = 0; start < photos.count; start += BATCH) {
      const count = Math.min(BATCH, photos.count - start);
      const pictures = await Promise.all(
        Array.from({ length: count }, async (_, i) => squash(await photos.picture(start + i), size)),
      );
      const { embedding } = await session.run(queryFeeds(pixelBatch(pictures, size), count, shape.clusters));
      vectors.set((embedding?.data as Float32Array | undefined) ?? [], start * width);
    }
    return vectors;
  } finally {
    await session.close();
  }
}

/** hit@1 of each style over the full validation gallery: for the very photo, and as `style (class)` for any photo of its
 *  class. A query that names only a class counts at class level alone; pictures that a maker drew stand apart from those
 *  that a dataset brought, as `style (made)`.
 *  @param seen styles that training draws from. */
export async function validateQueries(
  weights: ParameterMap,
  shape: QueryTowerShape,
  given: ValidationSet,
  options: SessionOptions,
  seen: ReadonlySet<string> = new Set(),
): Promise<ValidationFigure[]> {
  const own = shape.tuning.symmetric && given.photos;
  const set = own ? { ...given, gallery: await tunedGallery(weights, shape, own, options) } : given;
  const session = await createQuerySession(weights, shape, options);
  const { size, embedding: width } = shape.tower;
  const tallies = createTallies(seen);
  try {
    for (let start = 0; start < set.queries.count; start += BATCH) {
      const part = set.queries.queries.slice(start, start + BATCH);
      const pictures = await Promise.all(
        part.map(async (_, index) => squash(await set.queries.picture(start + index), size)),
      );
      const feeds = queryFeeds(pixelBatch(pictures, size), part.length, shape.clusters);
      const { embedding } = await session.run(feeds);
      const vectors = (embedding?.data as Float32Array | undefined) ?? new Float32Array();
      part.forEach((query, row) => {
        const vector = vectors.subarray(row * width, (row + 1) * width);
        const found = nearest(vector, set.gallery);
        const { style, targets, sameClass = targets } = query;
        const name = query.maker === null ? style : `${style} (made)`;
        if (targets.length === 1) tallies.add(style, name, 'photo', targets.includes(found));
        if (sameClass.length > 1) tallies.add(style, `${name} (class)`, 'class', sameClass.includes(found));
      });
    }
  } finally {
    await session.close();
  }
  if (shape.tuning.textPrompts && shape.text) {
    for (const right of await captionHits(weights, shape.text, shape, set, options))
      tallies.add('text', 'text', 'photo', right);
  }
  return tallies.figures();
}

function createTallies(seen: ReadonlySet<string>) {
  const tallies = new Map<string, { style: string; level: 'photo' | 'class'; right: number; all: number }>();
  return {
    add(style: string, name: string, level: 'photo' | 'class', right: boolean): void {
      const tally = tallies.get(name) ?? { style, level, right: 0, all: 0 };
      tallies.set(name, { ...tally, right: tally.right + (right ? 1 : 0), all: tally.all + 1 });
    },
    figures: (): ValidationFigure[] =>
      [...tallies]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { style, level, right, all }]) => ({
          ...{ name, value: right / all, level, queries: all, seen: seen.has(style) },
        })),
  };
}

/** The mean over styles, each counted once: by its very photos where its queries name one, else by class. */
export function scoreOfStyles(figures: readonly ValidationFigure[]): number {
  const names = new Set(figures.map(({ name }) => name));
  return meanScore(
    figures.filter(({ name, level }) => level !== 'class' || !names.has(name.replace(/ \(class\)$/, ''))),
  );
}

/** Whether each text finds its photo first. */
async function captionHits(
  weights: ParameterMap,
  tower: TunableTextTower,
  { tuning, tower: { embedding: width } }: QueryTowerShape,
  { captions = [], gallery }: ValidationSet,
  options: SessionOptions,
): Promise<boolean[]> {
  const session = await createTextSession(weights, tower, tuning, options);
  const hits: boolean[] = [];
  try {
    for (let start = 0; start < captions.length; start += BATCH) {
      const part = captions.slice(start, start + BATCH);
      const { embedding } = await session.run(tower.feeds(part.map(({ text }) => text)));
      const vectors = (embedding?.data as Float32Array | undefined) ?? new Float32Array();
      part.forEach(({ target }, row) => {
        hits.push(nearest(vectors.subarray(row * width, (row + 1) * width), gallery) === target);
      });
    }
    return hits;
  } finally {
    await session.close();
  }
}
