import { bpeTokenizerJson, byteVocabulary, END_OF_WORD } from './byte-level-bpe.js';
import { TokenizerError } from './tokenizer-error.js';
import type { TokenizerJson } from './tokenizer-json.js';

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** Tokens of OpenAI's CLIP: 512 for the bytes, the merges, start and end. */
const CLIP_VOCAB_SIZE = 49408;

/** `tokenizer.json` of CLIP from its merge list: the `merges.txt` beside a Hugging Face model, or OpenAI's
 *  `bpe_simple_vocab_16e6.txt`, which goes on past the merges that CLIP uses. OpenCLIP's vocabulary is the same.
 *  @param vocab contents of `vocab.json`; without it the ids follow from the merges.
 *  @throws {TokenizerError} for lists that do not belong together. */
export function clipTokenizerJson(
  mergesText: string,
  vocab?: Readonly<Record<string, number>>,
): TokenizerJson {
  const merges = parseMerges(mergesText).slice(0, CLIP_VOCAB_SIZE - 512 - 2);
  const ids = vocab ?? vocabularyOf(merges);
  const idOf = (token: string): number => {
    const id = ids[token];
    if (id === undefined)
      throw new TokenizerError('vocab.json', `holds no token "${token}"; not a CLIP vocabulary`);
    return id;
  };
  const end = { id: idOf(END), content: END };
  return bpeTokenizerJson(ids, merges, { start: { id: idOf(START), content: START }, end, pad: end });
}

function parseMerges(text: string): (readonly [string, string])[] {
  // The first line names the file's version, or the file.
  const [first, ...rest] = text.split(/\r?\n/);
  const isHeader = first?.includes('#version') ?? false;
  return (isHeader ? rest : [first ?? '', ...rest])
    .filter((line) => line !== '')
    .map((line, index) => {
      const [left, right, ...others] = line.split(' ');
      if (!left || !right || others.length > 0) {
        throw new TokenizerError(
          'merges',
          `line ${index + 1 + Number(isHeader)} is "${line}", expected two symbols`,
        );
      }
      return [left, right] as const;
    });
}

function vocabularyOf(merges: readonly (readonly [string, string])[]): Record<string, number> {
  const tokens = [
    ...byteVocabulary,
    ...byteVocabulary.map((byte) => byte + END_OF_WORD),
    ...merges.map(([left, right]) => left + right),
    START,
    END,
  ];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}
