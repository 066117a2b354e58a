-- CreateIndex
CREATE INDEX "image_deleted_at_idx" ON "image"("deleted_at");

-- CreateIndex
CREATE INDEX "query_content_hash_idx" ON "query"("content_hash");
