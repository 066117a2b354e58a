import type { ScoreTerm } from '@freestyle/core';
import { Prisma } from '../../../generated/prisma/client.js';
import { vectorText } from '../../../platform/database/vector-text.js';
import type { WordsTerm } from '../parse/words.js';
import type { FindQuery, GallerySlice, Scoring, SortOrder } from './find-query.js';

/** The score is computed by the same steps in the same order as {@link scoreOf} of the explanation does, in the same 64
 *  bits: so what is shown adds up to what was ranked by. */
export function scoreSql({ terms, words }: Pick<Scoring, 'terms' | 'words'>): Prisma.Sql {
  const parts = [
    ...terms.map((term, i) => termSql(term, i + 1)),
    ...words.map((one, i) => wordsSql(one, i + 1)),
  ];
  return parts.length === 0 ? Prisma.sql`0::float8` : Prisma.join(parts, ' + ');
}

function termSql({ gain, mean, negative }: ScoreTerm, place: number): Prisma.Sql {
  if (gain === 0) return Prisma.sql`0::float8`;
  const above = Prisma.sql`(sims[${int(place)}] - ${mean}::float8)`;
  if (!negative) return Prisma.sql`(${gain}::float8 * ${above})`;
  return Prisma.sql`(CASE WHEN ${above} > 0 THEN ${-gain}::float8 * ${above} ELSE 0 END)`;
}

const wordsSql = ({ gain }: WordsTerm, place: number): Prisma.Sql =>
  Prisma.sql`(${gain}::float8 * words[${int(place)}])`;

const int = (value: number): Prisma.Sql => Prisma.raw(String(value));

const floats = (values: readonly Prisma.Sql[]): Prisma.Sql =>
  values.length === 0 ? Prisma.sql`'{}'::float8[]` : Prisma.sql`ARRAY[${Prisma.join([...values])}]::float8[]`;

/** Cosines of `embedding e` with the terms: vectors have length 1, and the operator gives the negative product. */
export const similaritiesSql = (terms: readonly ScoreTerm[]): Prisma.Sql =>
  floats(terms.map(({ unit }) => Prisma.sql`-(e.vector <#> ${vectorText(unit)}::vector)`));

/** Share of the words that stand with `image i`, for each words term. */
export const coveragesSql = (words: readonly WordsTerm[]): Prisma.Sql =>
  floats(
    words.map(({ pieces }) =>
      Prisma.join(
        pieces.map(
          ({ tsquery, share }) =>
            Prisma.sql`CASE WHEN i.words @@ ${tsquery}::tsquery THEN ${share}::float8 ELSE 0 END`,
        ),
        ' + ',
      ),
    ),
  );

/** The slice as conditions on `embedding e` and, where `needsImage` says so, `image i`. */
export function sliceSql({ spaceId, snapshot, datasetIds, conditions, except }: GallerySlice): Prisma.Sql {
  return Prisma.join(
    [
      Prisma.sql`e.space_id = ${int(spaceId)}`,
      ...(snapshot === null ? [] : [Prisma.sql`e.seq <= ${snapshot}::bigint`]),
      ...(datasetIds === null ? [] : [Prisma.sql`e.dataset_id = ANY(${[...datasetIds]}::uuid[])`]),
      ...(except.length === 0 ? [] : [Prisma.sql`e.image_id <> ALL(${[...except]}::uuid[])`]),
      ...conditions,
    ],
    ' AND ',
  );
}

/** Photos that any of the positive words stands with. */
export function anyWordSql(words: readonly WordsTerm[]): Prisma.Sql | null {
  const queries = words.flatMap(({ gain, pieces }) => (gain > 0 ? pieces.map(({ tsquery }) => tsquery) : []));
  return queries.length === 0 ? null : matches(queries.map((one) => `(${one})`).join(' | '));
}

/** Photos that all words of some positive part stand with; null where that says no more than any of them. */
export function everyWordSql(words: readonly WordsTerm[]): Prisma.Sql | null {
  const wanted = words.filter(({ gain, pieces }) => gain > 0 && pieces.length > 0);
  if (!wanted.some(({ pieces }) => pieces.length > 1)) return null;
  return matches(
    wanted.map(({ pieces }) => `(${pieces.map(({ tsquery }) => `(${tsquery})`).join(' & ')})`).join(' | '),
  );
}

const matches = (tsquery: string): Prisma.Sql => Prisma.sql`i.words @@ ${tsquery}::tsquery`;

/** What hits are sorted by; null for their score. */
export function sortKeySql({ by }: SortOrder): Prisma.Sql | null {
  switch (by) {
    case 'RELEVANCE':
      return null;
    case 'CREATED_AT':
      return Prisma.sql`i.created_at`;
    case 'FILE_NAME':
      return Prisma.sql`i.file_name COLLATE "C"`;
    case 'SIZE':
      return Prisma.sql`i.byte_size`;
  }
}

const KEY_TYPES = { RELEVANCE: 'float8', CREATED_AT: 'timestamptz', FILE_NAME: 'text', SIZE: 'int' } as const;

export function orderSql({ by, descending }: SortOrder, alias: string): Prisma.Sql {
  const column = Prisma.raw(`${alias}.${by === 'RELEVANCE' ? 'score' : 'key'}`);
  const direction = Prisma.raw(descending ? 'DESC' : 'ASC');
  return Prisma.sql`${column} ${direction}, ${Prisma.raw(alias)}.seq`;
}

/** Behind the place where the page before ended. */
export function seekSql({ after, order }: Pick<FindQuery, 'after' | 'order'>): Prisma.Sql {
  if (after === null) return Prisma.sql`TRUE`;
  const relevance = order.by === 'RELEVANCE';
  const column = Prisma.raw(relevance ? 'r.score' : 'r.key');
  const type = Prisma.raw(`${KEY_TYPES[order.by]}${order.by === 'FILE_NAME' ? ' COLLATE "C"' : ''}`);
  const value = Prisma.sql`${relevance ? after.score : after.key}::${type}`;
  const beyond = Prisma.raw(order.descending ? '<' : '>');
  return Prisma.sql`(${column} ${beyond} ${value} OR (${column} = ${value} AND r.seq > ${after.seq}::bigint))`;
}

/** From this share of its words on, a photo counts as called what was asked for: all of them, one of them guessed. */
const CALLED = 0.79;

/** Whether a photo is called what some part asks for. @param coverages share of each part's words that stand with it. */
export const isCalled = (coverages: readonly number[], words: readonly WordsTerm[]): boolean =>
  words.some(({ gain }, i) => gain > 0 && (coverages[i] ?? 0) >= CALLED);

/** Whether a scored photo `s` is shown: by its score, or because it is called what was asked for, unless that is what
 *  another part takes away. */
export function aboveSql({ floor, words }: Pick<Scoring, 'floor' | 'words'>): Prisma.Sql {
  if (floor === null) return Prisma.sql`TRUE`;
  const called = words.flatMap(({ gain }, i) =>
    gain > 0 ? [Prisma.sql`s.words[${int(i + 1)}] >= ${CALLED}::float8`] : [],
  );
  const byScore = Prisma.sql`s.score >= ${floor}::float8`;
  if (called.length === 0) return byScore;
  return Prisma.sql`(${byScore} OR (s.score > 0.5 AND (${Prisma.join(called, ' OR ')})))`;
}
