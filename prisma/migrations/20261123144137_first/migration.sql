-- By hand: vectors. An administrator may have made the extension beforehand, where this user may not.
CREATE EXTENSION IF NOT EXISTS vector;

-- CreateEnum
CREATE TYPE "job_kind" AS ENUM ('IMPORT', 'EMBED');

-- CreateEnum
CREATE TYPE "job_state" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "item_state" AS ENUM ('QUEUED', 'STORED', 'EMBEDDED', 'DUPLICATE', 'REJECTED', 'FAILED');

-- CreateTable
CREATE TABLE "dataset" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "source_path" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image" (
    "id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "content_hash" CHAR(64) NOT NULL,
    "file_name" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "byte_size" INTEGER NOT NULL,
    "class" TEXT,
    "split" TEXT,
    "captions" TEXT[],
    "attributes" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "image_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "embedding_space" (
    "id" SERIAL NOT NULL,
    "space_hash" TEXT NOT NULL,
    "model_name" TEXT NOT NULL,
    "dimensions" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "embedding_space_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "embedding" (
    "space_id" INTEGER NOT NULL,
    "image_id" UUID NOT NULL,
    "dataset_id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "vector" vector NOT NULL,

    CONSTRAINT "embedding_pkey" PRIMARY KEY ("space_id","image_id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" UUID NOT NULL,
    "kind" "job_kind" NOT NULL,
    "state" "job_state" NOT NULL DEFAULT 'QUEUED',
    "dataset_id" UUID,
    "total" INTEGER,
    "done" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "rate_per_second" DOUBLE PRECISION,
    "seconds_left" DOUBLE PRECISION,
    "message" TEXT,
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "lease_owner" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_item" (
    "job_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "state" "item_state" NOT NULL DEFAULT 'QUEUED',
    "code" TEXT,
    "reason" TEXT,
    "byte_size" BIGINT,
    "modified_ms" DOUBLE PRECISION,
    "metadata" JSONB,
    "content_hash" CHAR(64),
    "image_id" UUID,

    CONSTRAINT "import_item_pkey" PRIMARY KEY ("job_id","ordinal")
);

-- CreateIndex
CREATE UNIQUE INDEX "dataset_name_key" ON "dataset"("name");

-- CreateIndex
CREATE INDEX "image_content_hash_idx" ON "image"("content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "image_dataset_id_content_hash_key" ON "image"("dataset_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "embedding_space_space_hash_key" ON "embedding_space"("space_hash");

-- CreateIndex
CREATE INDEX "embedding_image_id_idx" ON "embedding"("image_id");

-- CreateIndex
CREATE INDEX "embedding_dataset_id_space_id_idx" ON "embedding"("dataset_id", "space_id");

-- CreateIndex
CREATE UNIQUE INDEX "embedding_space_id_seq_key" ON "embedding"("space_id", "seq");

-- CreateIndex
CREATE INDEX "job_dataset_id_created_at_idx" ON "job"("dataset_id", "created_at");

-- CreateIndex
CREATE INDEX "job_state_idx" ON "job"("state");

-- CreateIndex
CREATE INDEX "import_item_job_id_state_ordinal_idx" ON "import_item"("job_id", "state", "ordinal");

-- CreateIndex
CREATE INDEX "import_item_path_idx" ON "import_item" USING HASH ("path");

-- AddForeignKey
ALTER TABLE "image" ADD CONSTRAINT "image_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "embedding_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "image"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job" ADD CONSTRAINT "job_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_item" ADD CONSTRAINT "import_item_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: vectors stay inside their rows (up to a page), so that an exact scan reads one table and not two.
ALTER TABLE "embedding" SET (toast_tuple_target = 8160);
