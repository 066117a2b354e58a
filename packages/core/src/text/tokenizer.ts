import { Tokenizer as TokenizerEngine } from '@huggingface/tokenizers';
import { TokenizerError } from './tokenizer-error.js';
import type { TokenizerJson } from './tokenizer-json.js';

/** Token ids of several texts, padded to one length. */
export interface TokenBatch {
  /** `[texts, contextLength]`, row-major. */
  readonly ids: Int32Array;
  /** Tokens of each text, start and end included, padding not; at most contextLength. */
  readonly lengths: Int32Array;
}

/** Text to token ids, with an end token after every text and, in most encoders, a start token before it. */
export interface Tokenizer {
  readonly vocabSize: number;
  /** Null where texts begin with their first word (SigLIP). */
  readonly startId: number | null;
  readonly endId: number;
  readonly padId: number;
  /** Ids of length `contextLength`: start (if any), tokens, end, padding (before them
   *  where the configuration's `padding_side` is left). A longer text is cut before its end token. */
  encode(text: string, contextLength: number): Int32Array;
  encodeBatch(texts: readonly string[], contextLength: number): TokenBatch;
  /** Tokens of the whole text, start and end not counted. */
  count(text: string): number;
}

/** Settings that `tokenizer.json` does not always hold. */
export interface TokenizerOptions {
  /** Id that fills the end of a row; by default what the file says, else the token "<pad>" or "[PAD]", else 0. */
  readonly padId?: number;
  /** Contents of `tokenizer_config.json`, where there is one. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Name for messages. */
  readonly where?: string;
}

/** Runs a `tokenizer.json`, ours or Hugging Face's.
 *  @throws {TokenizerError} when the file cannot be run, or marks neither start and end of a text nor its end alone. */
export function createTokenizer(json: TokenizerJson, options: TokenizerOptions = {}): Tokenizer {
  const where = options.where ?? 'tokenizer.json';
  const engine = startEngine(json, options.config ?? {}, where);
  const marks = engine.encode('').ids;
  const endId = marks.at(-1);
  const startId = marks.length === 2 ? (marks[0] ?? null) : null;
  if (endId === undefined || marks.length > 2) {
    throw new TokenizerError(
      where,
      'expected an end token after an empty text, with or without a start token before it; not a text encoder’s tokenizer',
    );
  }
  const padId = options.padId ?? findPadId(json, options.config ?? {}, engine);
  const padsLeft = options.config?.padding_side === 'left';

  const fill = (row: Int32Array, text: string): number => {
    const inner = engine.encode(text, { add_special_tokens: false }).ids;
    const before = marks.length - 1;
    const kept = Math.min(inner.length, row.length - marks.length);
    const length = kept + marks.length;
    const first = padsLeft ? row.length - length : 0;
    row.fill(padId);
    if (startId !== null) row[first] = startId;
    for (let i = 0; i < kept; i++) row[first + before + i] = inner[i] ?? padId;
    row[first + length - 1] = endId;
    return length;
  };
  const assertContext = (contextLength: number): void => {
    if (!Number.isInteger(contextLength) || contextLength < 2) {
      throw new TokenizerError(
        where,
        `context length must be an integer of at least 2, got ${contextLength}`,
      );
    }
  };
  return {
    vocabSize: engine.get_vocab().size,
    startId,
    endId,
    padId,
    encode: (text, contextLength) => {
      assertContext(contextLength);
      const row = new Int32Array(contextLength);
      fill(row, text);
      return row;
    },
    encodeBatch: (texts, contextLength) => {
      assertContext(contextLength);
      const ids = new Int32Array(texts.length * contextLength);
      const lengths = Int32Array.from(texts, (text, i) =>
        fill(ids.subarray(i * contextLength, (i + 1) * contextLength), text),
      );
      return { ids, lengths };
    },
    count: (text) => engine.encode(text, { add_special_tokens: false }).ids.length,
  };
}

/** How much of a text fits a context: null where all of it does, else the characters from its start whose tokens do. */
export function readableLength(
  tokenizer: Pick<Tokenizer, 'count'>,
  text: string,
  contextLength: number,
): number | null {
  // The start and end token take two places.
  const most = contextLength - 2;
  if (tokenizer.count(text) <= most) return null;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (tokenizer.count(text.slice(0, middle)) <= most) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

function startEngine(
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  where: string,
): TokenizerEngine {
  try {
    return new TokenizerEngine(json, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TokenizerError(where, `cannot be run: ${reason}`, cause);
  }
}

function findPadId(
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  engine: TokenizerEngine,
): number {
  if (json.padding) return json.padding.pad_id;
  const configured = config.pad_token;
  const content =
    typeof configured === 'object' && configured !== null && 'content' in configured
      ? configured.content
      : configured;
  const names = [content, '<pad>', '[PAD]'].filter((name): name is string => typeof name === 'string');
  for (const name of names) {
    const id = engine.token_to_id(name);
    if (id !== undefined) return id;
  }
  return 0;
}
