/** One word to look for. */
export interface WordPiece {
  /** As it was typed. */
  readonly typed: string;
  /** What it was taken for; another word where it was a beginning or held a typing error. */
  readonly taken: string;
  /** A tsquery. */
  readonly tsquery: string;
  /** What it counts among the words of its part, 0 to 1: rare words count more, guesses less. */
  readonly share: number;
}

/** The words of one part of a query. `gain` is what a photo gets that all of them stand with; below 0 for a part that
 *  is not wanted. */
export interface WordsTerm {
  /** `index` of the part. */
  readonly part: number;
  readonly gain: number;
  readonly pieces: readonly WordPiece[];
}

/** What words stand in the gallery, and with how many photos. Stems, as the database makes them. */
export interface Lexicon {
  readonly photos: number;
  count(stem: string): number;
  /** Stems that begin so, most frequent first. */
  beginning(prefix: string): readonly string[];
  /** Stems a typing error or two away, most frequent first. */
  like(stem: string): readonly string[];
}

const MAX_WORDS = 32;
/** A word that was guessed counts a little less than one that stands there. */
const BEGINNING = 0.9;
const CORRECTED = 0.8;

/** The words of a text, in small letters. */
export const wordsOf = (text: string): string[] => [
  ...new Set(
    (
      text
        .normalize('NFKC')
        .toLowerCase()
        .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? []
    ).slice(0, MAX_WORDS),
  ),
];

/** What to look for. Words that the database passes over ("the", "of") have no stem; all of the others count, by how
 *  rare they are: `ln(1 + photos / (1 + count))`.
 *  @param stems the stem of each word, or null for one that says nothing. */
export function piecesOf(
  words: readonly string[],
  stems: ReadonlyMap<string, string | null>,
  lexicon: Lexicon,
): WordPiece[] {
  const found = words.flatMap((word) => {
    const stem = stems.get(word) ?? null;
    return stem === null ? [] : [guess(word, stem, lexicon)];
  });
  const total = found.reduce((sum, { weight }) => sum + weight, 0);
  return found.map(({ typed, taken, tsquery, weight, trust }) => ({
    typed,
    taken,
    tsquery,
    share: (weight / total) * trust,
  }));
}

function guess(typed: string, stem: string, lexicon: Lexicon) {
  const weigh = (stems: readonly string[]) => {
    const count = stems.reduce((sum, one) => sum + lexicon.count(one), 0);
    return Math.log(1 + lexicon.photos / (1 + count)) + 0.1;
  };
  if (lexicon.count(stem) > 0 || stem.length < 3) {
    return { typed, taken: stem, tsquery: lexeme(stem), weight: weigh([stem]), trust: 1 };
  }
  const longer = lexicon.beginning(stem);
  if (longer.length > 0) {
    return {
      typed,
      taken: `${stem}…`,
      tsquery: `${lexeme(stem)}:*`,
      weight: weigh(longer),
      trust: BEGINNING,
    };
  }
  const [near] = lexicon.like(stem);
  if (near !== undefined) {
    return { typed, taken: near, tsquery: lexeme(near), weight: weigh([near]), trust: CORRECTED };
  }
  return { typed, taken: stem, tsquery: lexeme(stem), weight: weigh([]), trust: 1 };
}

const lexeme = (word: string): string => `'${word.replaceAll(/['\\]/g, '$&$&')}'`;
