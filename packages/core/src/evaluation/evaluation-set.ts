import type { DatasetVersion } from '../datasets/dataset-version.js';
import type { RgbImage } from '../image/rgb-image.js';
import type { StyleReport } from '../models/embedding-model.js';
import { EvaluationError } from './embedding-matrix.js';

/** A gallery photo. `id` is unique in its set (the file's path); pixels are read when they are needed. */
export interface EvaluationPhoto {
  readonly id: string;
  readonly className?: string | undefined;
  load(): Promise<RgbImage>;
}

/** A query: a text, or a picture that `load` gives. `target` is the id of the photo that is meant; `className` alone
 *  makes every photo of that class relevant. */
export interface EvaluationQuery {
  readonly id: string;
  readonly style: string;
  readonly target?: string | undefined;
  readonly className?: string | undefined;
  /** Name of the maker that drew it; undefined for what people drew, painted or wrote. */
  readonly maker?: string | undefined;
  readonly content: { readonly text: string } | { load(): Promise<RgbImage> };
}

/** What a model is evaluated on: the whole gallery, and queries in the order of the dataset. */
export interface EvaluationSet {
  readonly name: string;
  readonly split: string | null;
  /** Which version of the dataset it was made from, where that is known. */
  readonly version?: DatasetVersion | null;
  readonly photos: readonly EvaluationPhoto[];
  readonly queries: readonly EvaluationQuery[];
}

/** The same gallery with at most so many queries of each style, spread evenly over those that there are; queries that
 *  name a photo and queries that only name a class are counted apart. */
export function limitQueries(set: EvaluationSet, perStyle: number): EvaluationSet {
  const groups = new Map<string, number[]>();
  for (const [index, { style, target }] of set.queries.entries()) {
    const key = `${target === undefined ? 'class' : 'photo'} ${style}`;
    const group = groups.get(key) ?? [];
    group.push(index);
    groups.set(key, group);
  }
  const kept = new Set(
    [...groups.values()].flatMap((group) =>
      Array.from({ length: Math.min(perStyle, group.length) }, (_, i) =>
        group.length <= perStyle ? group[i] : group[Math.floor((i * group.length) / perStyle)],
      ),
    ),
  );
  return { ...set, queries: set.queries.filter((_, index) => kept.has(index)) };
}

/** Instance level: one photo is meant. Class level: every photo of the query's class is relevant. */
export type EvaluationLevel = 'instance' | 'class';

/** A query with the gallery rows that are relevant to it. */
export interface JudgedQuery {
  readonly query: EvaluationQuery;
  readonly relevant: readonly number[];
  /** Queries of one cluster share a target and are resampled together. */
  readonly cluster: string;
  /** Ids of all its parts, where it is a mixed query. */
  readonly parts?: readonly string[];
  /** What the query tower saw in it. */
  readonly seen?: StyleReport | null;
}

export interface JudgedQueries {
  readonly level: EvaluationLevel;
  readonly judged: readonly JudgedQuery[];
  /** Queries of this level whose target or class is not in the gallery; they cannot be answered and do not count. */
  readonly skipped: number;
}

/** Finds the relevant photos of the queries of one style, at one level. Queries that name neither are of no level.
 *  @throws {EvaluationError} when two photos share an id. */
export function judgeQueries(
  set: EvaluationSet,
  queries: readonly EvaluationQuery[],
  level: EvaluationLevel,
): JudgedQueries {
  const rowsOf = level === 'instance' ? rowsById(set.photos) : rowsByClass(set.photos);
  const judged: JudgedQuery[] = [];
  let skipped = 0;
  for (const query of queries) {
    const key = level === 'instance' ? query.target : query.className;
    if (key === undefined) continue;
    const relevant = rowsOf.get(key);
    if (relevant === undefined) skipped++;
    else judged.push({ query, relevant, cluster: query.target ?? query.id });
  }
  return { level, judged, skipped };
}

function rowsById(photos: readonly EvaluationPhoto[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, photo] of photos.entries()) {
    if (rows.has(photo.id)) {
      throw new EvaluationError('EVALUATION_DUPLICATE_PHOTO', `Two gallery photos are called ${photo.id}.`);
    }
    rows.set(photo.id, [row]);
  }
  return rows;
}

function rowsByClass(photos: readonly EvaluationPhoto[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, { className }] of photos.entries()) {
    if (className === undefined) continue;
    const known = rows.get(className);
    if (known === undefined) rows.set(className, [row]);
    else known.push(row);
  }
  return rows;
}
