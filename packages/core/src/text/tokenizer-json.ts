/** The part of Hugging Face's `tokenizer.json` that this project writes; others' files may hold more. */
export interface TokenizerJson {
  readonly version: string;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
  readonly post_processor: unknown;
  readonly decoder: unknown;
  readonly truncation?: null;
  readonly padding?: { readonly pad_id: number } | null;
  readonly model: Readonly<Record<string, unknown>>;
}

/** A token that is never split and never made from ordinary text. */
export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}

/** A special token as `tokenizer.json` spells it. */
export const specialToken = (id: number, content: string): AddedTokenJson => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** Padding to the longest text of a batch, in the full form that Hugging Face's own library insists on. */
export const padding = (id: number, token: string) => ({
  strategy: 'BatchLongest',
  direction: 'Right',
  pad_to_multiple_of: null,
  pad_id: id,
  pad_type_id: 0,
  pad_token: token,
});
