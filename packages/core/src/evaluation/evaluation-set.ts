import type { DatasetVersion } from '../datasets/dataset-version.js';
import type { RgbImage } from '../image/rgb-image.js';
import type { StyleReport } from '../models/embedding-model.js';
import { EvaluationError } from './embedding-matrix.js';

/** A gallery photo. `id` is unique in its set (the file's path); pixels are read when they are needed. */
export interface EvaluationPhoto {
  readonly id: string;
  readonly className?: string | undefined;
  /** Hash of the file (sha256, hex), where it can be told: what the photo is, whatever it is called. */
  readonly contentHash?: ContentHash | undefined;
  load(): Promise<RgbImage>;
}

/** A hash that is known, or that reading the file gives. */
export type ContentHash = string | (() => Promise<string>);

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
  /** Hash of what is asked: of the file, or of how the picture is made from its photo. Texts are hashed as they are. */
  readonly contentHash?: ContentHash | undefined;
  /** Made from its target's own pixels (a mosaic, a filter): the target is then no other photo of its class. */
  readonly derived?: boolean | undefined;
  /** By what figures can be sliced, beside style, class and cluster: `split`, `maker` … */
  readonly slices?: Readonly<Record<string, string>> | undefined;
}

/** What a query is, whatever its file is called and wherever it stands in its list. */
export interface Identity {
  /** Of its content and of what it means: 32 hex digits, and `#2`, `#3` … where the very same query comes again. */
  readonly key: string;
  /** Its unit: the photo that is meant by content, else the query itself. */
  readonly cluster: string;
}

export interface Identities {
  of(query: EvaluationQuery, level: EvaluationLevel): Identity;
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

/** The same gallery with at most so many queries of each style, spread evenly over those that there are. */
export function limitQueries(set: EvaluationSet, perStyle: number): EvaluationSet {
  const groups = new Map<string, number[]>();
  for (const [index, { style }] of set.queries.entries()) {
    const group = groups.get(style) ?? [];
    group.push(index);
    groups.set(style, group);
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
  /** Who is asking what, by content: the same in every run, whatever files are called. */
  readonly key: string;
  /** Queries of one cluster share a target: together they are one witness. */
  readonly cluster: string;
  /** A gallery row that is no candidate for this query: a made query's own photo where others of its class are sought. */
  readonly ignored?: number | undefined;
  /** What the query counts for in means; 1 where absent. */
  readonly weight?: number | undefined;
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

/** Finds the relevant photos of the queries of one style, at one level. Queries that name neither are of no level. At
 *  class level the photo that a derived query was made from is neither relevant nor ranked.
 *  @throws {EvaluationError} when two photos share an id. */
export function judgeQueries(
  set: EvaluationSet,
  queries: readonly EvaluationQuery[],
  level: EvaluationLevel,
  identities: Identities,
): JudgedQueries {
  const byId = rowsById(set.photos);
  const rowsOf = level === 'instance' ? byId : rowsByClass(set.photos);
  const judged: JudgedQuery[] = [];
  let skipped = 0;
  for (const query of queries) {
    const name = level === 'instance' ? query.target : query.className;
    if (name === undefined) continue;
    const [own] = level === 'class' && query.derived ? (byId.get(query.target ?? '') ?? []) : [];
    const relevant = (rowsOf.get(name) ?? []).filter((row) => row !== own);
    if (relevant.length === 0) skipped++;
    else judged.push({ query, relevant, ignored: own, ...identities.of(query, level) });
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
