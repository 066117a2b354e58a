-- CreateTable
CREATE TABLE "evaluation" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "encoder" TEXT NOT NULL,
    "dataset_id" UUID,
    "version_id" UUID,
    "dataset_name" TEXT NOT NULL,
    "version_number" INTEGER NOT NULL,
    "version_hash" CHAR(64) NOT NULL,
    "options" JSONB NOT NULL DEFAULT '{}',
    "job_id" UUID,
    "started_by" TEXT,
    "report" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "evaluation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "evaluation_result" (
    "evaluation_id" UUID NOT NULL,
    "section" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "parts" JSONB NOT NULL,
    "target_id" UUID,
    "class" TEXT,
    "cluster" TEXT NOT NULL,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "style_cluster" TEXT,
    "seen" JSONB,
    "slices" JSONB NOT NULL DEFAULT '{}',
    "first_rank" INTEGER NOT NULL,
    "tied" BOOLEAN NOT NULL DEFAULT false,
    "values" JSONB NOT NULL DEFAULT '{}',
    "top" JSONB NOT NULL,

    CONSTRAINT "evaluation_result_pkey" PRIMARY KEY ("evaluation_id","section","key")
);

-- CreateTable
CREATE TABLE "judgement" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "dataset_id" UUID,
    "evaluation_id" UUID,
    "section" TEXT NOT NULL,
    "query_key" TEXT NOT NULL,
    "image_id" UUID,
    "note" TEXT,
    "judged_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "judgement_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "evaluation_dataset_id_id_idx" ON "evaluation"("dataset_id", "id");

-- CreateIndex
CREATE INDEX "evaluation_result_evaluation_id_section_first_rank_idx" ON "evaluation_result"("evaluation_id", "section", "first_rank");

-- CreateIndex
CREATE INDEX "judgement_dataset_id_id_idx" ON "judgement"("dataset_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "judgement_kind_evaluation_id_section_query_key_image_id_key" ON "judgement"("kind", "evaluation_id", "section", "query_key", "image_id");

-- AddForeignKey
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "dataset_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evaluation_result" ADD CONSTRAINT "evaluation_result_evaluation_id_fkey" FOREIGN KEY ("evaluation_id") REFERENCES "evaluation"("id") ON DELETE CASCADE ON UPDATE CASCADE;
