import { type EmbeddingModel, type FusedQuery, FusionError, fuseQuery } from '@freestyle/core';
import { ValidationError } from '../../../platform/errors.js';
import type { SearchMode, SearchQuery } from '../parse/query.js';
import { type PictureSources, type ResolvedPart, resolveParts } from '../parse/resolve-parts.js';
import type { WordPiece, WordsTerm } from '../parse/words.js';
import { type EncodedPart, encodeParts, type PartReport, type QueryEncoder } from './encode-parts.js';

/** A query in the form in which photos are scored by it. */
export interface EncodedQuery {
  /** Null where only words are looked for, and where nothing is. */
  readonly fused: FusedQuery | null;
  /** Whether every part that is wanted is an empty picture. */
  readonly empty: boolean;
  readonly words: readonly WordsTerm[];
  readonly reports: readonly PartReport[];
  /** What the scores are compared with: see `RelevanceScale`. Null where nothing is wanted, only not wanted. */
  readonly scale: string | null;
  /** Gallery photos that are parts. */
  readonly photoIds: readonly string[];
}

export interface EncodingParts {
  readonly encoder: QueryEncoder;
  readonly sources: PictureSources;
  wordPieces(text: string): Promise<WordPiece[]>;
}

/** What all words of a part add to a photo's score, in deviations of the background: about what a photo gets that the
 *  model thinks is exactly meant. So whatever the model thinks, a photo whose caption says the word is found. */
export const WORDS_GAIN = 6;

/** @param plain reads pictures as the gallery's photos are read, whatever their style.
 *  @throws {ValidationError} @throws {NotFoundError} @throws {TooLargeError} */
export async function encodeQuery(
  query: SearchQuery,
  mode: SearchMode,
  { encoder, sources, wordPieces }: EncodingParts,
  plain = false,
): Promise<EncodedQuery> {
  const { model } = encoder;
  const known = { dimensions: model.dimensions, styles: stylesOf(model) };
  const resolved = await resolveParts(query, known, sources);
  const looked = Promise.all(
    resolved.map((part) => (mode === 'MEANING' ? [] : piecesOfPart(part, wordPieces))),
  );
  if (mode === 'WORDS') return wordsQuery(resolved, await looked);
  // At once: what the database says of words costs nothing while the encoder is at work.
  const [encoded, pieces] = await Promise.all([
    encodeParts(plain ? resolved.map((part) => ({ ...part, style: PLAIN })) : resolved, encoder),
    looked,
  ]);
  const wanted = encoded.filter(({ part }) => !part.negative);
  const says = wanted.filter(({ part }) => part.weight > 0);
  const empty = encoded.every(({ part }) => part.weight === 0) || (wanted.length > 0 && says.length === 0);
  return {
    fused: empty ? null : fuse(encoded),
    empty,
    words: wordsTerms(resolved, pieces),
    reports: encoded.map(({ report }, i) => ({ ...report, words: pieces[i] ?? [] })),
    scale: says.length === 0 ? null : says.length === 1 ? (says[0]?.scale ?? null) : 'mixed',
    photoIds: resolved.flatMap(({ content }) => (content.kind === 'photo' ? [content.imageId] : [])),
  };
}

function wordsQuery(resolved: readonly ResolvedPart[], pieces: readonly WordPiece[][]): EncodedQuery {
  const words = wordsTerms(resolved, pieces);
  if (!words.some(({ gain }) => gain > 0)) {
    throw ValidationError.at(
      ['mode'],
      'WORDS needs a text that holds words to look for; choose HYBRID or MEANING',
    );
  }
  return {
    fused: null,
    empty: false,
    words,
    reports: resolved.map(({ index, negative, weight, content }, i) => ({
      ...{ index, negative, weight, style: null, blank: false, words: pieces[i] ?? [] },
      kind: KINDS[content.kind],
    })),
    scale: null,
    photoIds: [],
  };
}

const KINDS = { text: 'TEXT', picture: 'IMAGE', photo: 'PHOTO', vector: 'VECTOR' } as const;
const PLAIN = { kind: 'imposed', name: 'photo' } as const;

/** Styles that a picture can be imposed. */
export const stylesOf = (model: EmbeddingModel): string[] =>
  Object.keys(model.calibration).filter((style) => style !== 'text');

async function piecesOfPart(
  { content }: ResolvedPart,
  wordPieces: EncodingParts['wordPieces'],
): Promise<WordPiece[]> {
  return content.kind === 'text' ? wordPieces(content.text) : [];
}

function fuse(encoded: readonly EncodedPart[]): FusedQuery {
  try {
    return fuseQuery(encoded.map(({ part }) => part));
  } catch (error) {
    if (error instanceof FusionError) throw ValidationError.at(['query'], error.message, error);
    throw error;
  }
}

/** Each text weighs among the texts as it does among the parts. */
function wordsTerms(resolved: readonly ResolvedPart[], pieces: readonly WordPiece[][]): WordsTerm[] {
  const wanted = resolved.reduce((sum, { negative, weight }) => sum + (negative ? 0 : weight), 0);
  const total = wanted > 0 ? wanted : resolved.reduce((sum, { weight }) => sum + weight, 0);
  return resolved.flatMap(({ index, negative, weight }, i): WordsTerm[] => {
    const own = pieces[i] ?? [];
    if (own.length === 0 || weight === 0) return [];
    const gain = (WORDS_GAIN * weight) / total;
    return [{ part: index, gain: negative ? -gain : gain, pieces: own }];
  });
}
