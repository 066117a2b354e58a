import { queryFeeds } from '../../../freestyle/query-session.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import { squash } from '../../../image/crop-resize.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import type { TunableTextTower } from '../../../models/tunable-tower.js';
import type { Random } from '../../../random.js';
import { float32, type HostTensor, hostTensor, type Session } from '../../../runtime/session.js';
import { augmentQuery } from './augment-query.js';
import type { PlannedCaption } from './caption-queries.js';
import { drawBank, type NegativeCells } from './loss-bank.js';
import type { PlannedQuery, QueryCache } from './query-cache.js';

/** What batches are drawn from. */
export interface QueryBatchOptions extends QueryTowerShape {
  /** Unit vectors of the training gallery by the frozen backbone, `[photos, embedding]`. */
  readonly gallery: Float32Array;
  readonly queries: QueryCache;
  /** Captions that text prompts learn from; a quarter as many as pictures stand in a step. */
  readonly captions?: readonly PlannedCaption[];
  /** Query pictures in a step. */
  readonly batch: number;
}

/** What does not change from one batch to the next. */
export interface BatchContext {
  readonly options: QueryBatchOptions;
  /** Rows of the bank. */
  readonly bank: number;
  readonly cells: NegativeCells | null;
  /** The untrained tower, for runs that stay near it; null for others. */
  readonly frozen: Session | null;
  /** The picture of each training photo among the queries, for the symmetric mode. */
  readonly photoQueries: ReadonlyMap<number, number>;
}

/** Pictures that the untrained tower reads better than a few hundred steps of others would leave it. */
const isClean = ({ style }: PlannedQuery): boolean => style === 'photo' || style === 'art';

/** Texts in a step: one for each picture of a style, as there are sketches, art, low-res pictures and photos. */
export const textsOf = ({ tuning, text, captions = [], batch }: QueryBatchOptions): number =>
  tuning.textPrompts && text && captions.length > 0 ? Math.max(1, Math.round(batch / 4)) : 0;

/** The feeds of one step: augmented views of the queries, and what they are ranked against. */
export async function drawBatch(
  context: BatchContext,
  indices: readonly number[],
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { options, frozen } = context;
  const { size } = options.tower;
  const drawn = indices.flatMap((index) => options.queries.queries[index] ?? []);
  const pictures = await Promise.all(indices.map((index) => options.queries.picture(index)));
  const views = pictures.map((picture, slot) => {
    const query = drawn[slot];
    const mayFlip = (query?.sameClass ?? query?.targets ?? []).length > 1;
    return augmentQuery(picture, { size, style: query?.style ?? '', mayFlip }, random);
  });
  const pixels = pixelBatch(views, size);
  const kept = frozen ? await keptFeeds(frozen, options, drawn, views) : {};
  if (options.tuning.symmetric) return { pixels, ...kept, ...(await photoFeeds(context, drawn, random)) };
  return { pixels, ...kept, ...bankFeeds(context, drawn, random) };
}

/** The frozen gallery as the bank, and the texts of the step. */
function bankFeeds(
  { options, bank, cells }: BatchContext,
  drawn: readonly PlannedQuery[],
  random: Random,
): Record<string, HostTensor> {
  const { tower, gallery, captions = [] } = options;
  const texts = Array.from(
    { length: textsOf(options) },
    () => captions[random.integer(captions.length)] ?? { text: '', target: 0 },
  );
  const positives = [...texts.map(({ target }) => [target]), ...drawn.map(({ targets }) => targets)];
  const members = drawBank(gallery, tower.embedding, positives, random, cells);
  const marked = (rightOf: (query: PlannedQuery) => readonly number[]) =>
    marks(drawn.map(rightOf), bank, (photo) => members.place(photo));
  return {
    bank: float32(members.rows ?? gallery, [bank, tower.embedding]),
    positives: marked(({ targets }) => targets),
    same_class: marked(({ targets, sameClass }) => sameClass ?? targets),
    ...(texts.length > 0 && options.text ? textFeeds(options.text, texts, members.place, bank) : {}),
  };
}

/** Row i marks where the photos of list i stand. */
function marks(
  lists: readonly (readonly number[])[],
  columns: number,
  place: (photo: number) => number | undefined,
): HostTensor {
  const data = new Uint8Array(lists.length * columns);
  for (const [row, photos] of lists.entries()) {
    for (const photo of photos) {
      const at = place(photo);
      if (at !== undefined) data[row * columns + at] = 1;
    }
  }
  return hostTensor('uint8', data, [lists.length, columns]);
}

function textFeeds(
  tower: TunableTextTower,
  texts: readonly PlannedCaption[],
  place: (photo: number) => number | undefined,
  bank: number,
): Record<string, HostTensor> {
  return {
    ...tower.feeds(texts.map(({ text }) => text)),
    text_positives: marks(
      texts.map(({ target }) => [target]),
      bank,
      place,
    ),
  };
}

/** Symmetric mode: one positive of each query, as a picture; they are the bank of each other. */
async function photoFeeds(
  { options, photoQueries }: BatchContext,
  drawn: readonly PlannedQuery[],
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { size } = options.tower;
  const chosen = drawn.map(({ targets }) => targets[random.integer(targets.length)] ?? 0);
  const pictures = await Promise.all(
    chosen.map(async (photo) => squash(await options.queries.picture(photoQueries.get(photo) ?? -1), size)),
  );
  const against = (rightOf: (query: PlannedQuery) => readonly number[]): HostTensor => {
    const data = new Uint8Array(drawn.length * chosen.length);
    for (const [row, query] of drawn.entries()) {
      const right = new Set(rightOf(query));
      for (const [column, photo] of chosen.entries())
        if (right.has(photo)) data[row * chosen.length + column] = 1;
    }
    return hostTensor('uint8', data, [drawn.length, chosen.length]);
  };
  return {
    photos: pixelBatch(pictures, size),
    positives: against(({ targets }) => targets),
    same_class: against(({ targets, sameClass }) => sameClass ?? targets),
  };
}

/** What the untrained tower makes of the very same views, for the pictures that it reads well. */
async function keptFeeds(
  frozen: Session,
  { tower, clusters }: QueryBatchOptions,
  drawn: readonly PlannedQuery[],
  views: Parameters<typeof pixelBatch>[0],
): Promise<Record<string, HostTensor>> {
  const { embedding: width, size } = tower;
  const clean = drawn.flatMap((query, slot) => (isClean(query) ? [slot] : []));
  const rows = new Float32Array(drawn.length * width);
  const flags = new Float32Array(drawn.length);
  if (clean.length > 0) {
    const pixels = pixelBatch(
      clean.flatMap((slot) => views[slot] ?? []),
      size,
    );
    const { embedding } = await frozen.run(queryFeeds(pixels, clean.length, clusters));
    const vectors = embedding?.data;
    if (!(vectors instanceof Float32Array)) throw new Error('the untrained tower has no output "embedding"');
    for (const [row, slot] of clean.entries()) {
      rows.set(vectors.subarray(row * width, (row + 1) * width), slot * width);
      flags[slot] = 1 / clean.length;
    }
  }
  return { frozen: float32(rows, [drawn.length, width]), kept: float32(flags, [drawn.length, 1]) };
}
