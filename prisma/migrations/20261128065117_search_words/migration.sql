-- By hand: what a photo is called, as words. English stems and stop words; words of other languages stay whole. A file
-- name is taken apart where it holds neither letters nor digits. Half a megabyte is below what the database takes.
CREATE FUNCTION photo_words(captions text[], class text, tags text[], file_name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_tsvector('english'::regconfig, left(
    coalesce(class, '') || ' . ' || coalesce(array_to_string(tags, ' . '), '') || ' . '
      || coalesce(array_to_string(captions, ' . '), '') || ' . '
      || regexp_replace(coalesce(file_name, ''), '[^[:alnum:]]+', ' ', 'g'), 500000))
$$;

-- AlterTable
ALTER TABLE "image" ADD COLUMN "words" tsvector
  GENERATED ALWAYS AS (photo_words("captions", "class", "tags", "file_name")) STORED;

-- By hand: without a list of what is pending, which every search would read.
CREATE INDEX "image_words_idx" ON "image" USING GIN ("words") WITH (fastupdate = off);

-- CreateTable
CREATE TABLE "lexeme" (
    "word" TEXT NOT NULL,
    "photos" INTEGER NOT NULL,

    CONSTRAINT "lexeme_pkey" PRIMARY KEY ("word")
);

-- The words of what is there already.
INSERT INTO "lexeme" ("word", "photos") SELECT "word", "ndoc" FROM ts_stat('SELECT "words" FROM "image"');

-- CreateTable
CREATE TABLE "server_secret" (
    "name" TEXT NOT NULL,
    "value" BYTEA NOT NULL,

    CONSTRAINT "server_secret_pkey" PRIMARY KEY ("name")
);
