import { CoreError } from '../errors.js';
import { BpeMerger, type MergePair } from './bpe-merger.js';
import {
  bpeTokenizerJson,
  byteAlphabet,
  byteVocabulary,
  END_OF_WORD,
  WORD_PATTERN,
} from './byte-level-bpe.js';
import type { TokenizerJson } from './tokenizer-json.js';

/** Settings of {@link trainBpeTokenizer}. */
export interface TrainBpeOptions {
  /** Tokens in all, special ones included; at least 515 (every byte, inside and at the end of a word, and 3 specials). */
  readonly vocabSize: number;
  /** A pair seen fewer times is not merged, 2 by default: a merge seen once only memorises one caption. */
  readonly minFrequency?: number;
}

const SPECIALS = {
  pad: { id: 0, content: '<pad>' },
  start: { id: 1, content: '<start>' },
  end: { id: 2, content: '<end>' },
} as const;
const BASE_SIZE = 3 + 2 * 256;

/** Learns a lower-casing byte-level BPE from texts (Sennrich et al. 2016; words weighted by how often they occur).
 *  Deterministic, whatever the order of the texts: equal counts go to the pair that sorts first.
 *  No text is ever out of vocabulary. Fewer than `vocabSize` tokens come back when the texts have no more to merge.
 *  @returns a `tokenizer.json` whose ids are `<pad>` 0, `<start>` 1, `<end>` 2, the bytes, then merges by rank.
 *  @throws {CoreError} `TOKENIZER_VOCAB_SIZE` when `vocabSize` cannot hold the bytes. */
export function trainBpeTokenizer(texts: Iterable<string>, options: TrainBpeOptions): TokenizerJson {
  if (!Number.isInteger(options.vocabSize) || options.vocabSize < BASE_SIZE) {
    throw new CoreError(
      'TOKENIZER_VOCAB_SIZE',
      `trainBpeTokenizer: vocabSize must be an integer of at least ${BASE_SIZE}, got ${options.vocabSize}`,
    );
  }
  const merger = new BpeMerger(countWords(texts));
  const merges: MergePair[] = [];
  const vocab: Record<string, number> = {};
  let size = 0;
  for (const { content } of [SPECIALS.pad, SPECIALS.start, SPECIALS.end]) vocab[content] = size++;
  for (const suffix of ['', END_OF_WORD]) for (const byte of byteVocabulary) vocab[byte + suffix] = size++;
  while (size < options.vocabSize) {
    const pair = merger.mergeBest(options.minFrequency ?? 2);
    if (!pair) break;
    merges.push(pair);
    const token = pair[0] + pair[1];
    // Two different pairs may spell the same token ("a"+"bc", "ab"+"c"): both merge, to one id.
    if (!Object.hasOwn(vocab, token)) vocab[token] = size++;
  }
  return bpeTokenizerJson(vocab, merges, SPECIALS);
}

/** Words of the texts as lists of byte symbols, the last one marked, with how often each occurs. */
function countWords(texts: Iterable<string>): { symbols: string[]; count: number }[] {
  const counts = new Map<string, number>();
  const pattern = new RegExp(WORD_PATTERN, 'gu');
  for (const text of texts) {
    for (const word of text.normalize('NFC').toLowerCase().match(pattern) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const encoder = new TextEncoder();
  // Sorted, so that nothing later can depend on the order of the texts.
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, count]) => {
      const symbols = Array.from(encoder.encode(word), (byte) => byteAlphabet[byte] ?? '');
      symbols.push((symbols.pop() ?? '') + END_OF_WORD);
      return { symbols, count };
    });
}
