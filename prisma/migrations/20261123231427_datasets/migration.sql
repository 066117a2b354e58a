-- CreateEnum
CREATE TYPE "query_origin" AS ENUM ('BROUGHT', 'MADE');

-- CreateEnum
CREATE TYPE "upload_state" AS ENUM ('OPEN', 'CLOSED');

-- CreateEnum
CREATE TYPE "item_kind" AS ENUM ('PHOTO', 'QUERY');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "job_kind" ADD VALUE 'BUILD';
ALTER TYPE "job_kind" ADD VALUE 'CHECK';

-- AlterEnum
ALTER TYPE "job_state" ADD VALUE 'PAUSED';

-- AlterTable
ALTER TABLE "image" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "perceptual_hash" BIGINT,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "import_item" ADD COLUMN     "kind" "item_kind" NOT NULL DEFAULT 'PHOTO';

-- AlterTable
ALTER TABLE "job" ADD COLUMN     "options" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "pause_requested" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "query" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "style" TEXT NOT NULL,
    "origin" "query_origin" NOT NULL,
    "image_id" UUID,
    "class" TEXT,
    "split" TEXT,
    "text" TEXT,
    "content_hash" CHAR(64),
    "file_name" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "maker" TEXT,
    "strength" DOUBLE PRECISION,
    "seed" INTEGER,
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "query_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "near_duplicate" (
    "image_id" UUID NOT NULL,
    "other_id" UUID NOT NULL,
    "hash_bits" INTEGER,
    "similarity" DOUBLE PRECISION,

    CONSTRAINT "near_duplicate_pkey" PRIMARY KEY ("image_id","other_id")
);

-- CreateTable
CREATE TABLE "dataset_version" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT,
    "content_hash" CHAR(64) NOT NULL,
    "image_count" INTEGER NOT NULL,
    "query_count" INTEGER NOT NULL,
    "caption_count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "version_entry" (
    "version_id" UUID NOT NULL,
    "item_id" UUID NOT NULL,
    "is_query" BOOLEAN NOT NULL,
    "content_hash" CHAR(64),
    "file_name" TEXT,
    "record" JSONB NOT NULL,
    "entry_hash" CHAR(64) NOT NULL,

    CONSTRAINT "version_entry_pkey" PRIMARY KEY ("version_id","item_id")
);

-- CreateTable
CREATE TABLE "change" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "count" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "undone_at" TIMESTAMPTZ(3),

    CONSTRAINT "change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_item" (
    "change_id" UUID NOT NULL,
    "image_id" UUID NOT NULL,
    "before" JSONB NOT NULL,

    CONSTRAINT "change_item_pkey" PRIMARY KEY ("change_id","image_id")
);

-- CreateTable
CREATE TABLE "parked_embedding" (
    "space_id" INTEGER NOT NULL,
    "image_id" UUID NOT NULL,
    "vector" vector NOT NULL,

    CONSTRAINT "parked_embedding_pkey" PRIMARY KEY ("space_id","image_id")
);

-- CreateTable
CREATE TABLE "upload_session" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "state" "upload_state" NOT NULL DEFAULT 'OPEN',
    "expected_files" INTEGER NOT NULL,
    "expected_bytes" BIGINT NOT NULL,
    "job_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "upload_session_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "query_image_id_style_idx" ON "query"("image_id", "style");

-- CreateIndex
CREATE INDEX "query_dataset_id_style_id_idx" ON "query"("dataset_id", "style", "id");

-- CreateIndex
CREATE UNIQUE INDEX "query_dataset_id_key_key" ON "query"("dataset_id", "key");

-- CreateIndex
CREATE INDEX "near_duplicate_other_id_idx" ON "near_duplicate"("other_id");

-- CreateIndex
CREATE UNIQUE INDEX "dataset_version_dataset_id_number_key" ON "dataset_version"("dataset_id", "number");

-- CreateIndex
CREATE INDEX "change_dataset_id_id_idx" ON "change"("dataset_id", "id");

-- CreateIndex
CREATE INDEX "parked_embedding_image_id_idx" ON "parked_embedding"("image_id");

-- CreateIndex
CREATE INDEX "upload_session_dataset_id_idx" ON "upload_session"("dataset_id");

-- CreateIndex
CREATE INDEX "image_dataset_id_id_idx" ON "image"("dataset_id", "id");

-- CreateIndex
CREATE INDEX "image_dataset_id_class_idx" ON "image"("dataset_id", "class");

-- CreateIndex
CREATE INDEX "image_dataset_id_split_idx" ON "image"("dataset_id", "split");

-- CreateIndex
CREATE INDEX "image_tags_idx" ON "image" USING GIN ("tags");

-- AddForeignKey
ALTER TABLE "query" ADD CONSTRAINT "query_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "query" ADD CONSTRAINT "query_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "near_duplicate" ADD CONSTRAINT "near_duplicate_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "near_duplicate" ADD CONSTRAINT "near_duplicate_other_id_fkey" FOREIGN KEY ("other_id") REFERENCES "image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_version" ADD CONSTRAINT "dataset_version_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "version_entry" ADD CONSTRAINT "version_entry_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change" ADD CONSTRAINT "change_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change_item" ADD CONSTRAINT "change_item_change_id_fkey" FOREIGN KEY ("change_id") REFERENCES "change"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parked_embedding" ADD CONSTRAINT "parked_embedding_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "embedding_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parked_embedding" ADD CONSTRAINT "parked_embedding_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_session" ADD CONSTRAINT "upload_session_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;
