-- Photos by the last part of their path: a list that comes without its pictures names them by that. Hashed, for names
-- may be longer than an ordered index takes; by hand, for Prisma's schema knows no indexes on expressions.
CREATE INDEX "image_last_name_idx" ON "image" USING HASH (substring("file_name" FROM '[^/]*$'));

-- Without statistics on it, the index would be taken for a poor one.
ANALYZE "image";
