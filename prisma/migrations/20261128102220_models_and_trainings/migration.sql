-- CreateEnum
CREATE TYPE "model_kind" AS ENUM ('BACKBONE', 'QUERY_ENCODER');

-- CreateEnum
CREATE TYPE "model_origin" AS ENUM ('STARTED', 'HUB', 'FOLDER', 'UPLOAD', 'TRAINED');

-- CreateTable
CREATE TABLE "registered_model" (
    "id" UUID NOT NULL,
    "kind" "model_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "encoder" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "space_hash" TEXT NOT NULL,
    "dimensions" INTEGER NOT NULL,
    "origin" "model_origin" NOT NULL,
    "source" TEXT,
    "format" TEXT NOT NULL,
    "trouble" TEXT,
    "licence" TEXT,
    "byte_size" BIGINT NOT NULL DEFAULT 0,
    "facts" JSONB NOT NULL DEFAULT '{}',
    "card" TEXT,
    "run_id" UUID,
    "added_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "registered_model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "live_encoder" (
    "space_id" INTEGER NOT NULL,
    "model_id" UUID NOT NULL,
    "answers" BOOLEAN NOT NULL DEFAULT false,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "live_encoder_pkey" PRIMARY KEY ("space_id")
);

-- CreateTable
CREATE TABLE "promotion" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "model_id" UUID,
    "model_name" TEXT NOT NULL,
    "from_id" UUID,
    "from_name" TEXT,
    "space_hash" TEXT NOT NULL,
    "reason" TEXT,
    "overridden" BOOLEAN NOT NULL DEFAULT false,
    "gate" JSONB,
    "promoted_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "promotion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "training_run" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "dataset_id" UUID,
    "version_id" UUID,
    "dataset_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "version_hash" CHAR(64) NOT NULL,
    "backbone_id" UUID NOT NULL,
    "style_space" TEXT,
    "method" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "job_id" UUID,
    "started_by" TEXT,
    "trained" INTEGER,
    "frozen" BIGINT,
    "start_score" DOUBLE PRECISION,
    "best_score" DOUBLE PRECISION,
    "best_step" INTEGER,
    "step" INTEGER NOT NULL DEFAULT 0,
    "steps" INTEGER NOT NULL,
    "images_per_second" DOUBLE PRECISION,
    "seconds_left" DOUBLE PRECISION,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "training_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "training_metric" (
    "run_id" UUID NOT NULL,
    "series" TEXT NOT NULL,
    "step" INTEGER NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "seen" BOOLEAN,

    CONSTRAINT "training_metric_pkey" PRIMARY KEY ("run_id","series","step")
);

-- CreateTable
CREATE TABLE "training_pace" (
    "key" TEXT NOT NULL,
    "pace" JSONB NOT NULL,
    "measured_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "training_pace_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "registered_model_space_hash_idx" ON "registered_model"("space_hash");

-- CreateIndex
CREATE UNIQUE INDEX "registered_model_kind_content_hash_key" ON "registered_model"("kind", "content_hash");

-- CreateIndex
CREATE INDEX "live_encoder_model_id_idx" ON "live_encoder"("model_id");

-- CreateIndex
CREATE INDEX "promotion_model_id_idx" ON "promotion"("model_id");

-- CreateIndex
CREATE INDEX "training_run_dataset_id_idx" ON "training_run"("dataset_id");

-- CreateIndex
CREATE INDEX "training_run_backbone_id_idx" ON "training_run"("backbone_id");

-- AddForeignKey
ALTER TABLE "registered_model" ADD CONSTRAINT "registered_model_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "live_encoder" ADD CONSTRAINT "live_encoder_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "embedding_space"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "live_encoder" ADD CONSTRAINT "live_encoder_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "registered_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_run" ADD CONSTRAINT "training_run_backbone_id_fkey" FOREIGN KEY ("backbone_id") REFERENCES "registered_model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "training_metric" ADD CONSTRAINT "training_metric_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "training_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
