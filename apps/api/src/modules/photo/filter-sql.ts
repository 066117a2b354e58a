import { Prisma } from '../../generated/prisma/client.js';
import type { ImageFilter, ImageState } from './filter.js';

/** Photos of a dataset behind a filter. */
export interface ImageScope {
  readonly datasetId: string;
  /** The live embedding space, or null while there is none. */
  readonly spaceId: number | null;
  readonly filter: ImageFilter;
}

export const FACETS = ['splits', 'classes', 'tags', 'styles', 'states'] as const;
export type Facet = (typeof FACETS)[number];

/** The filter as a condition on `image i`: the only place where one becomes SQL.
 *  @param without a facet whose own condition is left out, as its counts need it. */
export function imageCondition({ datasetId, spaceId, filter }: ImageScope, without?: Facet): Prisma.Sql {
  const given = without === undefined ? filter : { ...filter, [without]: undefined };
  const states = without === 'states' ? null : (given.states ?? (['INDEXED', 'UNINDEXED'] as const));
  const conditions = filterConditions({ ...given, states }, spaceId, datasetId);
  return Prisma.join([Prisma.sql`i.dataset_id = ${datasetId}::uuid`, ...conditions], ' AND ');
}

/** The filter as conditions on `image i`, whatever its dataset; none for a filter that says nothing. */
export function filterConditions(
  filter: ImageFilter,
  spaceId: number | null,
  datasetId: string | null = null,
): Prisma.Sql[] {
  const branch = (one: ImageFilter) => allOf(filterConditions(one, spaceId, datasetId));
  const { states, datasetIds, nearDuplicate, and, or, not } = filter;
  const alike = Prisma.sql`i.id IN (${lookalikes(datasetId)})`;
  return [
    ...(datasetIds?.length ? [Prisma.sql`i.dataset_id = ANY(${[...datasetIds]}::uuid[])`] : []),
    ...(states ? [stateCondition(states, spaceId)] : []),
    ...valueConditions(filter),
    ...queryConditions(filter),
    ...boundConditions(filter),
    ...textConditions(filter),
    ...attributeConditions(filter),
    ...(nearDuplicate === true ? [alike] : []),
    ...(nearDuplicate === false ? [Prisma.sql`NOT (${alike})`] : []),
    ...(and?.length ? [allOf(and.map(branch))] : []),
    ...(or?.length ? [anyOf(or.map(branch))] : []),
    // A condition on a value that a photo lacks is neither true nor false; "not" means all the others.
    ...(not ? [Prisma.sql`(${branch(not)}) IS NOT TRUE`] : []),
  ];
}

const allOf = (parts: readonly Prisma.Sql[]): Prisma.Sql =>
  parts.length === 0 ? Prisma.sql`TRUE` : Prisma.sql`(${Prisma.join([...parts], ' AND ')})`;

/** Whether the live model finds `image i`. */
const isIndexed = (spaceId: number | null): Prisma.Sql =>
  Prisma.sql`EXISTS (SELECT 1 FROM embedding e WHERE e.space_id = ${spaceId}::int AND e.image_id = i.id)`;

/** The state of `image i`. */
export const imageState = (spaceId: number | null): Prisma.Sql => Prisma.sql`
  CASE WHEN i.deleted_at IS NOT NULL THEN 'DELETED' WHEN ${isIndexed(spaceId)} THEN 'INDEXED' ELSE 'UNINDEXED' END`;

function stateCondition(states: readonly ImageState[], spaceId: number | null): Prisma.Sql {
  const [indexed, unindexed] = [states.includes('INDEXED'), states.includes('UNINDEXED')];
  const alive = Prisma.sql`i.deleted_at IS NULL`;
  const parts = [
    ...(states.includes('DELETED') ? [Prisma.sql`i.deleted_at IS NOT NULL`] : []),
    ...(indexed && unindexed ? [alive] : []),
    ...(indexed && !unindexed ? [Prisma.sql`(${alive} AND ${isIndexed(spaceId)})`] : []),
    ...(unindexed && !indexed ? [Prisma.sql`(${alive} AND NOT ${isIndexed(spaceId)})`] : []),
  ];
  return anyOf(parts);
}

const anyOf = (parts: readonly Prisma.Sql[]): Prisma.Sql => Prisma.sql`(${Prisma.join([...parts], ' OR ')})`;

const list = (values: readonly string[]): Prisma.Sql => Prisma.sql`${[...values]}::text[]`;

function valueConditions({ splits, classes, tags }: ImageFilter): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (splits) {
    const has = Prisma.sql`i.split = ANY(${list(splits)})`;
    conditions.push(splits.includes('') ? anyOf([has, Prisma.sql`i.split IS NULL`]) : has);
  }
  if (classes) {
    const has = Prisma.sql`i.class = ANY(${list(classes)})`;
    conditions.push(classes.includes('') ? anyOf([has, Prisma.sql`i.class IS NULL`]) : has);
  }
  if (tags) {
    const has = Prisma.sql`i.tags && ${list(tags)}`;
    conditions.push(tags.includes('') ? anyOf([has, Prisma.sql`cardinality(i.tags) = 0`]) : has);
  }
  return conditions;
}

function queryConditions({ styles, withoutStyles }: ImageFilter): Prisma.Sql[] {
  const inStyle = (names: readonly string[]) => Prisma.sql`
    EXISTS (SELECT 1 FROM query q WHERE q.image_id = i.id AND lower(q.style) = ANY(${list(names.map((name) => name.toLowerCase()))}))`;
  const inNone = Prisma.sql`NOT EXISTS (SELECT 1 FROM query q WHERE q.image_id = i.id)`;
  const wanted = styles && (styles.includes('') ? anyOf([inStyle(styles), inNone]) : inStyle(styles));
  return [...(wanted ? [wanted] : []), ...(withoutStyles ? [Prisma.sql`NOT ${inStyle(withoutStyles)}`] : [])];
}

function boundConditions({ minSide, maxSide, createdAfter, createdBefore }: ImageFilter): Prisma.Sql[] {
  return [
    ...(minSide ? [Prisma.sql`greatest(i.width, i.height) >= ${minSide}::int`] : []),
    ...(maxSide ? [Prisma.sql`greatest(i.width, i.height) <= ${maxSide}::int`] : []),
    ...(createdAfter ? [Prisma.sql`i.created_at >= ${createdAfter}::timestamptz`] : []),
    ...(createdBefore ? [Prisma.sql`i.created_at < ${createdBefore}::timestamptz`] : []),
  ];
}

/** Whether `column` contains the text, in capitals or not. Text in plain letters needs no more than plain letters turned
 *  small, which is several times faster than what a language asks for. */
function contains(column: Prisma.Sql, text: string): Prisma.Sql {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range of ASCII
  const collation = /^[\x00-\x7f]*$/.test(text) ? Prisma.sql`COLLATE "C"` : Prisma.empty;
  return Prisma.sql`${column} ILIKE ${pattern}::text ${collation}`;
}

function textConditions({ caption, fileName, hasCaption }: ImageFilter): Prisma.Sql[] {
  const count = Prisma.sql`cardinality(i.captions)`;
  return [
    // Joined by a sign that no text to look for holds, which is several times faster than one caption at a time.
    ...(caption ? [contains(Prisma.sql`array_to_string(i.captions, chr(31))`, caption)] : []),
    ...(fileName ? [contains(Prisma.sql`i.file_name`, fileName)] : []),
    ...(hasCaption === true ? [Prisma.sql`${count} > 0`] : []),
    ...(hasCaption === false ? [Prisma.sql`${count} = 0`] : []),
  ];
}

function attributeConditions({ attributes }: ImageFilter): Prisma.Sql[] {
  return (attributes ?? []).map(({ name, values }) =>
    values?.length
      ? Prisma.sql`i.attributes->>${name}::text = ANY(${list(values)})`
      : Prisma.sql`jsonb_exists(i.attributes, ${name}::text)`,
  );
}

/** Photos that look like another one; who lost the other one to deletion is unique again. */
function lookalikes(datasetId: string | null): Prisma.Sql {
  const own = datasetId === null ? Prisma.empty : Prisma.sql`o.dataset_id = ${datasetId}::uuid AND`;
  return Prisma.sql`
    SELECT n.image_id FROM near_duplicate n JOIN image o ON o.id = n.other_id
    WHERE ${own} o.deleted_at IS NULL
    UNION ALL
    SELECT n.other_id FROM near_duplicate n JOIN image o ON o.id = n.image_id
    WHERE ${own} o.deleted_at IS NULL`;
}
