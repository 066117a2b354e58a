-- What the ledger of items counted moves to a table of its own; only jobs that have something to tell get a row.
CREATE TABLE "item_tally" (
    "job_id" UUID NOT NULL,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "item_tally_pkey" PRIMARY KEY ("job_id")
);
ALTER TABLE "item_tally" ADD CONSTRAINT "item_tally_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;
INSERT INTO "item_tally" ("job_id", "rejected", "duplicates", "failed")
SELECT "id", "rejected", "duplicates", "failed" FROM "job" WHERE "rejected" + "duplicates" + "failed" > 0;
ALTER TABLE "job" DROP COLUMN "rejected", DROP COLUMN "duplicates", DROP COLUMN "failed";

-- Kinds become text: a new one needs no migration.
ALTER TABLE "job" ALTER COLUMN "kind" TYPE TEXT USING "kind"::text;
DROP TYPE "job_kind";

ALTER TABLE "job" RENAME COLUMN "options" TO "payload";
ALTER TABLE "job"
ADD COLUMN     "attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "error_code" TEXT,
ADD COLUMN     "exclusive" TEXT,
ADD COLUMN     "heartbeat_at" TIMESTAMPTZ(3),
ADD COLUMN     "lane" TEXT NOT NULL DEFAULT 'io',
ADD COLUMN     "payload_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "result" JSONB,
ADD COLUMN     "run_after" TIMESTAMPTZ(3),
ADD COLUMN     "setbacks" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "started_by" TEXT;
UPDATE "job" SET "lane" = 'compute' WHERE "kind" = 'EMBED';
UPDATE "job" SET "exclusive" = CASE "kind" WHEN 'EMBED' THEN 'embed' ELSE 'dataset ' || "dataset_id" END
WHERE "finished_at" IS NULL;
ALTER TABLE "job" ALTER COLUMN "lane" DROP DEFAULT;

DROP INDEX "job_state_idx";
CREATE INDEX "job_state_lane_idx" ON "job"("state", "lane");

CREATE TABLE "job_log_line" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "level" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "job_log_line_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "job_log_line_job_id_id_idx" ON "job_log_line"("job_id", "id");
ALTER TABLE "job_log_line" ADD CONSTRAINT "job_log_line_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The queue of earlier releases: its messages only said which row of "job" to look at.
DROP SCHEMA IF EXISTS "pgboss" CASCADE;
