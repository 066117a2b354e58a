import { padding, specialToken, type TokenizerJson } from './tokenizer-json.js';

/** Printable stand-ins for the 256 byte values, as byte-level BPE vocabularies spell them (GPT-2):
 *  the printable Latin-1 characters stand for themselves, the rest take code points from 256 up. */
export const byteAlphabet: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/** The byte alphabet in the order of vocabularies in CLIP's manner: printable bytes first, then the others. */
export const byteVocabulary: readonly string[] = [
  ...byteAlphabet.filter((character) => character.charCodeAt(0) < 256),
  ...byteAlphabet.filter((character) => character.charCodeAt(0) >= 256),
];

/** Marks the last symbol of a word, so that "in" the word and "in" the prefix are two tokens. */
export const END_OF_WORD = '</w>';

/** CLIP's split of a text into words: contractions, runs of letters, single digits, runs of anything else. */
export const WORD_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** Special tokens of a vocabulary; ids must be those of `vocab`. */
export interface BpeSpecials {
  readonly start: { readonly id: number; readonly content: string };
  readonly end: { readonly id: number; readonly content: string };
  readonly pad: { readonly id: number; readonly content: string };
}

/** `tokenizer.json` of a lower-casing byte-level BPE in CLIP's manner: NFC, white space folded, lower case,
 *  {@link WORD_PATTERN}, bytes, merges with an end-of-word mark, start and end tokens around. */
export function bpeTokenizerJson(
  vocab: Readonly<Record<string, number>>,
  merges: readonly (readonly [string, string])[],
  specials: BpeSpecials,
): TokenizerJson {
  const { start, end, pad } = specials;
  const special = new Map([start, end, pad].map(({ id, content }) => [id, content]));
  return {
    version: '1.0',
    truncation: null,
    padding: padding(pad.id, pad.content),
    added_tokens: [...special].sort(([a], [b]) => a - b).map(([id, content]) => specialToken(id, content)),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORD_PATTERN }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end.content, end.id],
      cls: [start.content, start.id],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: end.content,
      continuing_subword_prefix: '',
      end_of_word_suffix: END_OF_WORD,
      fuse_unk: false,
      vocab,
      merges,
    },
  };
}
