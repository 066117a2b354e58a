import type { Random } from '../../../random.js';
import type { Tokenizer } from '../../../text/tokenizer.js';
import type { ViewPlan } from './distillation-views.js';

/** Captions as token ids, and which views show what each caption says. */
export interface CaptionedPictures {
  /** Pictures that have captions. */
  readonly pictures: readonly number[];
  /** Token ids by picture and caption. */
  readonly captions: readonly (readonly Int32Array[])[];
  /** Views by picture. */
  readonly views: readonly (readonly number[])[];
}

export function captionedPictures(
  plan: readonly ViewPlan[],
  viewCount: number,
  captions: readonly (readonly string[])[],
  tokenizer: Tokenizer,
  contextLength: number,
): CaptionedPictures {
  const views: number[][] = captions.map(() => []);
  for (const [index, view] of plan.slice(0, viewCount).entries()) views[view.picture]?.push(index);
  const encoded = captions.map((texts) => texts.map((text) => tokenizer.encode(text, contextLength)));
  const pictures = captions.flatMap((texts, index) =>
    texts.length > 0 && (views[index]?.length ?? 0) > 0 ? [index] : [],
  );
  return { pictures, captions: encoded, views };
}

/** Texts of one batch as the text tower takes them. */
export interface TextFeed {
  /** `[texts·tokens]`. */
  readonly ids: BigInt64Array;
  /** `[texts]`: the row of each end token. */
  readonly ends: BigInt64Array;
}

/** Packs token rows, cut to `tokens`; a word is left out with probability `dropout`, so that no caption
 *  is learned by heart. The end token stays. */
export function packTexts(
  rows: readonly Int32Array[],
  tokens: number,
  endId: number,
  dropout: number,
  random: Random,
): TextFeed {
  const ids = new BigInt64Array(rows.length * tokens);
  const ends = new BigInt64Array(rows.length);
  for (const [index, row] of rows.entries()) {
    let length = 0;
    for (const [position, id] of row.entries()) {
      if (id === endId || length === tokens - 1) break;
      if (position > 0 && dropout > 0 && random.uniform() < dropout) continue;
      ids[index * tokens + length++] = BigInt(id);
    }
    ids[index * tokens + length] = BigInt(endId);
    ends[index] = BigInt(index * tokens + length);
  }
  return { ids, ends };
}

/** One item of a non-empty list. */
export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('pick: the list is empty');
  return item;
}
