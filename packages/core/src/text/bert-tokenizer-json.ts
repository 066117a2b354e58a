import { TokenizerError } from './tokenizer-error.js';
import { padding, specialToken, type TokenizerJson } from './tokenizer-json.js';

/** `tokenizer.json` of BERT's lower-casing WordPiece (Devlin et al. 2019) from its `vocab.txt`, one token a line.
 *  @throws {TokenizerError} when a special token of BERT is not in the list. */
export function bertTokenizerJson(vocabText: string): TokenizerJson {
  const tokens = vocabText.split(/\r?\n/);
  while (tokens.at(-1) === '') tokens.pop();
  const vocab: Record<string, number> = {};
  for (const [id, token] of tokens.entries()) vocab[token] ??= id;
  const idOf = (token: string): number => {
    const id = vocab[token];
    if (id === undefined)
      throw new TokenizerError('vocab.txt', `holds no token "${token}"; not a BERT vocabulary`);
    return id;
  };
  const added = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].filter((token) => Object.hasOwn(vocab, token));
  return {
    version: '1.0',
    truncation: null,
    padding: padding(idOf('[PAD]'), '[PAD]'),
    added_tokens: added.map((token) => specialToken(idOf(token), token)),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', idOf('[SEP]')], cls: ['[CLS]', idOf('[CLS]')] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}
