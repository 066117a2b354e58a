import { Prisma } from '../../generated/prisma/client.js';
import type { Edit } from './edit.js';

/** A field of `image i` that an edit changes: its old and new value as JSON, and whether they differ. */
interface ChangedField {
  readonly name: string;
  readonly before: Prisma.Sql;
  readonly after: Prisma.Sql;
  readonly differs: Prisma.Sql;
}

const textList = (values: readonly string[]): Prisma.Sql => Prisma.sql`${[...values]}::text[]`;

/** The tags of `i`, those removed left out, those that are new behind the others. */
const editedTags = (add: readonly string[], remove: readonly string[]): Prisma.Sql => Prisma.sql`ARRAY(
  SELECT tag FROM unnest(i.tags || ARRAY(
    SELECT added FROM unnest(${textList(add)}) AS added WHERE added <> ALL(i.tags))) WITH ORDINALITY AS t(tag, place)
  WHERE tag <> ALL(${textList(remove)}) ORDER BY place)`;

function changedFields(edit: Edit): ChangedField[] {
  const fields: ChangedField[] = [];
  const plain = (name: string, column: Prisma.Sql, value: Prisma.Sql) =>
    fields.push({
      name,
      before: Prisma.sql`to_jsonb(${column})`,
      after: Prisma.sql`to_jsonb(${value})`,
      differs: Prisma.sql`${column} IS DISTINCT FROM ${value}`,
    });
  if (edit.addTags || edit.removeTags) {
    plain('tags', Prisma.sql`i.tags`, editedTags(edit.addTags ?? [], edit.removeTags ?? []));
  }
  if (edit.split !== undefined) plain('split', Prisma.sql`i.split`, Prisma.sql`${edit.split}::text`);
  if (edit.class !== undefined) plain('class', Prisma.sql`i.class`, Prisma.sql`${edit.class}::text`);
  if (edit.captions) plain('captions', Prisma.sql`i.captions`, textList(edit.captions));
  if (edit.deleted !== undefined) {
    // To the millisecond, as the column keeps it: undoing compares them.
    const moment = edit.deleted ? Prisma.sql`now()::timestamptz(3)` : Prisma.sql`NULL::timestamptz`;
    fields.push({
      name: 'deletedAt',
      before: Prisma.sql`to_jsonb(i.deleted_at)`,
      after: Prisma.sql`to_jsonb(${moment})`,
      differs: edit.deleted ? Prisma.sql`i.deleted_at IS NULL` : Prisma.sql`i.deleted_at IS NOT NULL`,
    });
  }
  return fields;
}

/** Queries that stand where their photo stands go with it, so that moving a photo to another split leaks nothing. */
const followers = (column: 'split' | 'class'): Prisma.Sql => {
  const name = Prisma.raw(column);
  return Prisma.sql`
    (SELECT jsonb_agg(q.id) FROM query q WHERE q.image_id = i.id AND q.${name} IS NOT DISTINCT FROM i.${name})`;
};

/** Notes what an edit will change: a row for each photo that is not as it shall be already. Holds the photos. */
export function noteEdit(changeId: string, edit: Edit, selected: Prisma.Sql): Prisma.Sql {
  const fields = changedFields(edit);
  const stateOf = (side: 'before' | 'after') =>
    fields.map(
      (field) => Prisma.sql`
        CASE WHEN ${field.differs} THEN jsonb_build_object(${field.name}::text, ${field[side]}) ELSE '{}' END`,
    );
  const following = (['split', 'class'] as const)
    .filter((column) => edit[column] !== undefined)
    .map((column) => {
      const differs = fields.find(({ name }) => name === column)?.differs ?? Prisma.sql`false`;
      return Prisma.sql`
        CASE WHEN ${differs} THEN jsonb_strip_nulls(jsonb_build_object(
          ${`${column}Queries`}::text, ${followers(column)})) ELSE '{}' END`;
    });
  return Prisma.sql`
    WITH held AS MATERIALIZED (SELECT i.* FROM image i WHERE ${selected} ORDER BY i.id FOR NO KEY UPDATE OF i)
    INSERT INTO change_item (change_id, image_id, before, after)
    SELECT ${changeId}::uuid, i.id, ${Prisma.join([...stateOf('before'), ...following], ' || ')},
      ${Prisma.join(stateOf('after'), ' || ')}
    FROM held i WHERE ${Prisma.join(
      fields.map(({ differs }) => Prisma.sql`(${differs})`),
      ' OR ',
    )}`;
}

const asText = (patch: Prisma.Sql, field: string): Prisma.Sql =>
  Prisma.sql`ARRAY(SELECT jsonb_array_elements_text(${patch}->${field}::text))`;

/** Sets those columns of `image i` that a JSON object names. */
export const patchImage = (patch: Prisma.Sql): Prisma.Sql => Prisma.sql`
  tags = CASE WHEN ${patch} ? 'tags' THEN ${asText(patch, 'tags')} ELSE i.tags END,
  split = CASE WHEN ${patch} ? 'split' THEN ${patch}->>'split' ELSE i.split END,
  class = CASE WHEN ${patch} ? 'class' THEN ${patch}->>'class' ELSE i.class END,
  captions = CASE WHEN ${patch} ? 'captions' THEN ${asText(patch, 'captions')} ELSE i.captions END,
  deleted_at = CASE WHEN ${patch} ? 'deletedAt' THEN (${patch}->>'deletedAt')::timestamptz ELSE i.deleted_at END`;

/** Does what was noted of a change. */
export const applyNotes = (changeId: string): Prisma.Sql => Prisma.sql`
  UPDATE image i SET ${patchImage(Prisma.sql`c.after`)}
  FROM change_item c WHERE c.change_id = ${changeId}::uuid AND c.image_id = i.id`;

/** Moves the queries that go with their photos. */
export const moveFollowers = (changeId: string, column: 'split' | 'class'): Prisma.Sql => {
  const name = Prisma.raw(column);
  return Prisma.sql`
    UPDATE query q SET ${name} = c.after->>${column}::text
    FROM change_item c, jsonb_array_elements_text(c.before->${`${column}Queries`}::text) AS follower(id)
    WHERE c.change_id = ${changeId}::uuid AND c.before ? ${`${column}Queries`}::text AND q.id = follower.id::uuid`;
};

/** Moves the queries that stood elsewhere than their photo, and now go where it goes. */
export const moveStrays = (changeId: string): Prisma.Sql => Prisma.sql`
  UPDATE query q SET split = c.after->>'split'
  FROM change_item c, jsonb_object_keys(c.before->'strayQueries') AS stray(id)
  WHERE c.change_id = ${changeId}::uuid AND c.before ? 'strayQueries' AND q.id = stray.id::uuid`;

// A field that the change does not say the new value of is put back whatever it is now.
const untouched = (field: string, now: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (c.before ? ${field}::text AND (NOT c.after ? ${field}::text OR ${now} IS NOT DISTINCT FROM c.after->${field}::text))`;

const taken = (field: string, may: Prisma.Sql): Prisma.Sql => Prisma.sql`
  CASE WHEN ${may} THEN jsonb_build_object(${field}::text, c.before->${field}::text) ELSE '{}' END`;

/** JSON knows no null of SQL: an unset column is JSON's. */
const json = (column: Prisma.Sql): Prisma.Sql => Prisma.sql`coalesce(to_jsonb(${column}), 'null')`;

/** Tags as they were where nobody touched them since; else those that the change added go and those that it removed
 *  come back, and the others stay. */
const tagsBack = Prisma.sql`
  CASE WHEN NOT c.before ? 'tags' THEN '{}'::jsonb
  WHEN NOT c.after ? 'tags' OR to_jsonb(i.tags) = c.after->'tags' THEN jsonb_build_object('tags', c.before->'tags')
  ELSE jsonb_build_object('tags', to_jsonb(ARRAY(
    SELECT tag FROM unnest(i.tags) WITH ORDINALITY AS t(tag, place)
    WHERE c.before->'tags' ? tag OR NOT c.after->'tags' ? tag ORDER BY place) || ARRAY(
    SELECT tag FROM jsonb_array_elements_text(c.before->'tags') AS t(tag)
    WHERE NOT c.after->'tags' ? tag AND tag <> ALL(i.tags)))) END`;

const deletionUntouched = Prisma.sql`(c.before ? 'deletedAt' AND (NOT c.after ? 'deletedAt'
  OR i.deleted_at IS NOT DISTINCT FROM (c.after->>'deletedAt')::timestamptz))`;

/** Puts back what a change did, field by field, where nobody changed it since; queries go with their photos.
 *  Gives `restored`, photos with something put back, and `skipped`, photos with something left alone. */
export const undoNotes = (changeId: string): Prisma.Sql => Prisma.sql`
  WITH held AS MATERIALIZED (
    SELECT i.* FROM image i JOIN change_item c ON c.image_id = i.id AND c.change_id = ${changeId}::uuid
    ORDER BY i.id FOR NO KEY UPDATE OF i),
  noted AS MATERIALIZED (
    SELECT i.id, c.before, c.after, ${tagsBack}
      || ${taken('split', untouched('split', json(Prisma.sql`i.split`)))}
      || ${taken('class', untouched('class', json(Prisma.sql`i.class`)))}
      || ${taken('captions', untouched('captions', json(Prisma.sql`i.captions`)))}
      || ${taken('deletedAt', deletionUntouched)} AS patch
    FROM held i JOIN change_item c ON c.image_id = i.id AND c.change_id = ${changeId}::uuid),
  put AS (
    UPDATE image i SET ${patchImage(Prisma.sql`n.patch`)}
    FROM noted n WHERE n.id = i.id AND n.patch <> '{}'),
  followed AS (
    UPDATE query q SET
      split = CASE WHEN f.split THEN f.patch->>'split' ELSE q.split END,
      class = CASE WHEN f.class THEN f.patch->>'class' ELSE q.class END
    FROM (
      SELECT u.id, u.patch, u.after, bool_or(u.field = 'split') AS split, bool_or(u.field = 'class') AS class
      FROM (
        SELECT q.id::uuid AS id, n.patch, n.after, 'split' AS field
        FROM noted n, jsonb_array_elements_text(n.before->'splitQueries') AS q(id) WHERE n.patch ? 'split'
        UNION ALL
        SELECT q.id::uuid, n.patch, n.after, 'class'
        FROM noted n, jsonb_array_elements_text(n.before->'classQueries') AS q(id) WHERE n.patch ? 'class') u
      GROUP BY u.id, u.patch, u.after) f
    WHERE q.id = f.id
      AND (NOT f.split OR q.split IS NOT DISTINCT FROM f.after->>'split')
      AND (NOT f.class OR q.class IS NOT DISTINCT FROM f.after->>'class')),
  strayed AS (
    UPDATE query q SET split = stray.split #>> '{}'
    FROM noted n, jsonb_each(n.before->'strayQueries') AS stray(id, split)
    WHERE n.patch ? 'split' AND q.id = stray.id::uuid AND q.split IS NOT DISTINCT FROM n.after->>'split')
  SELECT count(*) FILTER (WHERE patch <> '{}')::int AS restored,
    count(*) FILTER (WHERE EXISTS (
      SELECT 1 FROM jsonb_object_keys(before) AS k(key)
      WHERE key NOT IN ('splitQueries', 'classQueries', 'strayQueries') AND NOT patch ? key))::int AS skipped
  FROM noted`;

/** Takes the vectors of deleted photos of a change out of every search's way. */
export const parkVectors = (changeId: string): Prisma.Sql => Prisma.sql`
  WITH gone AS (
    DELETE FROM embedding e USING change_item c, image i
    WHERE c.change_id = ${changeId}::uuid AND i.id = c.image_id AND i.deleted_at IS NOT NULL AND e.image_id = i.id
    RETURNING e.space_id, e.image_id, e.vector)
  INSERT INTO parked_embedding (space_id, image_id, vector)
  SELECT space_id, image_id, vector FROM gone
  ON CONFLICT (space_id, image_id) DO UPDATE SET vector = excluded.vector`;

/** Brings the vectors of restored photos of a change back, as the latest of their spaces. */
export const unparkVectors = (changeId: string): Prisma.Sql => Prisma.sql`
  WITH back AS (
    DELETE FROM parked_embedding p USING change_item c, image i
    WHERE c.change_id = ${changeId}::uuid AND i.id = c.image_id AND i.deleted_at IS NULL AND p.image_id = i.id
    RETURNING p.space_id, p.image_id, i.dataset_id, p.vector)
  INSERT INTO embedding (space_id, image_id, dataset_id, vector)
  SELECT space_id, image_id, dataset_id, vector FROM back ORDER BY image_id
  ON CONFLICT (space_id, image_id) DO NOTHING`;
