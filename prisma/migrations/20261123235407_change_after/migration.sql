-- AlterTable
ALTER TABLE "change_item" ADD COLUMN     "after" JSONB NOT NULL DEFAULT '{}';
