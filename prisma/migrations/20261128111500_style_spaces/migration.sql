-- CreateTable
CREATE TABLE "style_space" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "dataset_id" UUID,
    "version_id" UUID,
    "dataset_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "version_hash" CHAR(64) NOT NULL,
    "source" TEXT NOT NULL,
    "most" INTEGER,
    "requested_k" INTEGER,
    "seed" INTEGER NOT NULL,
    "extractor_hash" CHAR(64),
    "model_name" TEXT,
    "known_cosine" DOUBLE PRECISION,
    "evidence" JSONB,
    "picture_count" INTEGER NOT NULL DEFAULT 0,
    "head" INTEGER NOT NULL DEFAULT 0,
    "job_id" UUID,
    "started_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ready_at" TIMESTAMPTZ(3),
    "chosen_at" TIMESTAMPTZ(3),

    CONSTRAINT "style_space_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "style_space_version" (
    "id" UUID NOT NULL,
    "space_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "parent" INTEGER,
    "edits" JSONB NOT NULL DEFAULT '[]',
    "effect" JSONB,
    "next_key" INTEGER NOT NULL,
    "made_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "style_space_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "style_cluster" (
    "version_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "colour" TEXT NOT NULL,
    "centre" BYTEA NOT NULL,
    "pinned" INTEGER[],
    "count" INTEGER NOT NULL,
    "outside" INTEGER NOT NULL,
    "mean_cosine" DOUBLE PRECISION NOT NULL,
    "styles" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "style_cluster_pkey" PRIMARY KEY ("version_id","ordinal")
);

-- CreateTable
CREATE TABLE "style_picture" (
    "space_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "item_id" UUID NOT NULL,
    "is_query" BOOLEAN NOT NULL,
    "style" TEXT,
    "class" TEXT,
    "split" TEXT,
    "content_hash" CHAR(64) NOT NULL,
    "file_name" TEXT,
    "target_id" UUID,
    "feature" BYTEA NOT NULL,
    "style_x" REAL NOT NULL,
    "style_y" REAL NOT NULL,
    "meaning_x" REAL NOT NULL,
    "meaning_y" REAL NOT NULL,

    CONSTRAINT "style_picture_pkey" PRIMARY KEY ("space_id","ordinal")
);

-- CreateTable
CREATE TABLE "style_membership" (
    "version_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "cluster" INTEGER NOT NULL,
    "cosine" REAL NOT NULL,
    "held" BOOLEAN NOT NULL,

    CONSTRAINT "style_membership_pkey" PRIMARY KEY ("version_id","ordinal")
);

-- CreateTable
CREATE TABLE "style_draft" (
    "id" UUID NOT NULL,
    "space_id" UUID NOT NULL,
    "base" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "edits" JSONB NOT NULL DEFAULT '[]',
    "effect" JSONB,
    "job_id" UUID,
    "made_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "style_draft_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "style_drift" (
    "space_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "cluster" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "cosine_sum" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "style_drift_pkey" PRIMARY KEY ("space_id","day","cluster")
);

-- CreateIndex
CREATE INDEX "style_space_dataset_id_id_idx" ON "style_space"("dataset_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "style_space_version_space_id_number_key" ON "style_space_version"("space_id", "number");

-- CreateIndex
CREATE INDEX "style_membership_version_id_cluster_cosine_idx" ON "style_membership"("version_id", "cluster", "cosine");

-- CreateIndex
CREATE INDEX "style_draft_space_id_id_idx" ON "style_draft"("space_id", "id");

-- AddForeignKey
ALTER TABLE "style_space" ADD CONSTRAINT "style_space_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_space" ADD CONSTRAINT "style_space_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_space_version" ADD CONSTRAINT "style_space_version_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "style_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_cluster" ADD CONSTRAINT "style_cluster_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "style_space_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_picture" ADD CONSTRAINT "style_picture_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "style_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_membership" ADD CONSTRAINT "style_membership_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "style_space_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_draft" ADD CONSTRAINT "style_draft_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "style_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "style_drift" ADD CONSTRAINT "style_drift_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "style_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;
