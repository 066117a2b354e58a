import { posix } from 'node:path';
import type { ListColumns } from './listing.js';

/** What a column of a list may hold, with the names that it goes by, the most telling first. */
const NAMES = {
  file: [
    'file',
    'file_name',
    'filename',
    'filepath',
    'file_path',
    'image',
    'image_path',
    'image_name',
    'img',
    'path',
    'photo',
    'picture',
  ],
  url: ['url', 'image_url', 'photo_url', 'picture_url', 'link', 'address'],
  caption: ['captions', 'caption', 'text', 'sentence', 'sentences', 'description', 'comment', 'title'],
  class: ['class', 'class_name', 'classname', 'label', 'category'],
  split: ['split', 'subset', 'partition', 'set'],
  tags: ['tags', 'tag', 'keywords'],
  style: ['style', 'domain'],
  target: ['target', 'target_file', 'target_image'],
} as const satisfies Record<keyof ListColumns, readonly string[]>;

export type ListField = keyof typeof NAMES;
export const LIST_FIELDS = Object.keys(NAMES) as ListField[];

/** Which of `columns` holds what: as `wanted` says, else as their names do. */
export function mapColumns(
  columns: readonly string[],
  wanted: ListColumns = {},
): Readonly<Partial<Record<ListField, string>>> {
  const mapped: Partial<Record<ListField, string>> = {};
  const taken = new Set(Object.values(wanted));
  for (const field of LIST_FIELDS) {
    const chosen = wanted[field] ?? guess(columns, field, taken);
    if (chosen !== undefined) mapped[field] = chosen;
  }
  return mapped;
}

/** The columns that were asked for and are not there. */
export const missingColumns = (columns: readonly string[], wanted: ListColumns = {}): string[] =>
  Object.values(wanted).filter((name): name is string => name !== undefined && !columns.includes(name));

function guess(
  columns: readonly string[],
  field: ListField,
  taken: ReadonlySet<string | undefined>,
): string | undefined {
  for (const name of NAMES[field]) {
    const found = columns.find((column) => plain(column) === name && !taken.has(column));
    if (found !== undefined) return found;
  }
  return undefined;
}

const plain = (column: string): string =>
  column
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

const SPLIT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^train(ing)?(set)?$/, 'train'],
  [/^(val|valid|validation|dev)(set)?$/, 'val'],
  [/^test(ing)?(set)?$/, 'test'],
];

/** The split that a file's name tells by a whole word: `captions_train2017.json`, `test.csv`,
 *  `Flickr_8k.devImages.txt`; `latest.csv`, `retrieval.json` and folders tell none.
 *  @param path `/` between names. */
export function splitOfName(path: string): string | undefined {
  // `trainImages` is two words, `TRAIN` one.
  const words = posix.basename(path).match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  for (const word of words) {
    const split = SPLIT_WORDS.find(([pattern]) => pattern.test(word.toLowerCase()))?.[1];
    if (split !== undefined) return split;
  }
  return undefined;
}
