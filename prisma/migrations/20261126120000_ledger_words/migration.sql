-- The ledger's queries in words by what tells them apart, wherever in a list they stood. Hashed, for words may be longer
-- than an ordered index takes; by hand, for Prisma's schema knows no indexes on expressions.
CREATE INDEX "import_item_words_idx" ON "import_item" USING HASH
  (((("metadata"->>'text') || chr(10)) || coalesce("metadata"->>'target', '')));

-- Without statistics on it, the index would be taken for a poor one.
ANALYZE "import_item";
