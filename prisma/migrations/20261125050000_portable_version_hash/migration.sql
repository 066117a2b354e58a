-- A version's hash covers what an export of it holds and nothing that an export may change, such as names of files:
-- versions that are there already get theirs anew, from their own entries.
UPDATE "dataset_version" v SET "content_hash" = (
  SELECT encode(sha256(convert_to(coalesce(string_agg(hash, chr(10) ORDER BY hash COLLATE "C"), ''), 'UTF8')), 'hex')
  FROM (
    SELECT encode(sha256(convert_to(coalesce("content_hash"::text, '') || chr(10) || (
      CASE WHEN "is_query" THEN jsonb_build_object('kind', 'query', 'style', "record"->'style',
          'text', "record"->'text', 'target', "record"->'targetHash', 'class', "record"->'class',
          'split', "record"->'split',
          'attributes', jsonb_strip_nulls(jsonb_build_object('maker', "record"->'maker',
            'strength', "record"->'strength', 'seed', "record"->'seed')) || attributes)
        ELSE jsonb_build_object('kind', 'image', 'captions', "record"->'captions', 'class', "record"->'class',
          'split', "record"->'split', 'tags', coalesce(nullif("record"->'tags', 'null'::jsonb), '[]'::jsonb),
          'attributes', attributes) END)::text, 'UTF8')), 'hex') AS hash
    FROM "version_entry" e, LATERAL (
      SELECT coalesce(jsonb_object_agg(
          CASE WHEN a.key = ANY(CASE WHEN e."is_query"
              THEN ARRAY['kind', 'style', 'file', 'text', 'target', 'class', 'split']
              ELSE ARRAY['kind', 'file', 'captions', 'class', 'split', 'tags'] END)
            THEN 'attribute-' || a.key ELSE a.key END, a.value), '{}'::jsonb) AS attributes
      FROM jsonb_each(e."record"->'attributes') AS a) AS renamed
    WHERE e."version_id" = v."id") AS entries);
