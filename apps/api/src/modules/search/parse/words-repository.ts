import type { PrismaClient } from '../../../generated/prisma/client.js';
import { createLexicon } from './lexicon.js';
import { type Lexicon, piecesOf, type WordPiece, wordsOf } from './words.js';

export interface WordsRepository {
  /** What to look for in the words of photos.
   *  @param whole false for a caller who may not see all photos: what stands with others is then no help. */
  pieces(text: string, whole?: boolean): Promise<WordPiece[]>;
  /** Counts the words of all photos anew. */
  refresh(): Promise<void>;
}

/** Of which nothing is known: every word is taken as it was typed. */
const UNKNOWN = createLexicon([], 0);

/** Other processes may have counted anew. */
const FRESH_MS = 60_000;
const KNOWN_STEMS = 20_000;

export function createWordsRepository(prisma: PrismaClient): WordsRepository {
  // A stem never changes, so each word is asked for once.
  const stems = new Map<string, string | null>();
  let lexicon: { at: number; read: Promise<Lexicon> } | null = null;
  const current = (): Promise<Lexicon> => {
    if (lexicon === null || performance.now() - lexicon.at > FRESH_MS) {
      lexicon = { at: performance.now(), read: readLexicon(prisma) };
    }
    return lexicon.read;
  };
  return {
    async pieces(text, whole = true) {
      const words = wordsOf(text);
      const unknown = words.filter((word) => !stems.has(word));
      if (unknown.length > 0) {
        if (stems.size > KNOWN_STEMS) stems.clear();
        for (const { word, stem } of await readStems(prisma, unknown)) stems.set(word, stem);
      }
      return words.length === 0 ? [] : piecesOf(words, stems, whole ? await current() : UNKNOWN);
    },
    async refresh() {
      await prisma.$transaction([
        prisma.$executeRaw`DELETE FROM lexeme`,
        prisma.$executeRaw`
          INSERT INTO lexeme (word, photos) SELECT word, ndoc FROM ts_stat('SELECT words FROM image WHERE deleted_at IS NULL')`,
      ]);
      lexicon = null;
    },
  };
}

/** The first lexeme that the database makes of a word, null where it makes none: what it passes over. */
const readStems = (prisma: PrismaClient, words: readonly string[]) =>
  prisma.$queryRaw<{ word: string; stem: string | null }[]>`
    SELECT w AS word, (tsvector_to_array(to_tsvector('english', w)))[1] AS stem FROM unnest(${[...words]}::text[]) AS w`;

async function readLexicon(prisma: PrismaClient): Promise<Lexicon> {
  const rows = await prisma.$queryRaw<{ word: string; photos: number }[]>`SELECT word, photos FROM lexeme`;
  const [total] = await prisma.$queryRaw<{ photos: number }[]>`
    SELECT greatest(reltuples, 0)::int AS photos FROM pg_class WHERE oid = 'image'::regclass`;
  return createLexicon(
    rows.map(({ word, photos }) => [word, photos]),
    Math.max(total?.photos ?? 0, ...rows.slice(0, 1).map(({ photos }) => photos)),
  );
}
