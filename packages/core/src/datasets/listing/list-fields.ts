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

/** Words that names of lists hold beside the split: what is listed, in which form, of which well-known dataset. */
const LIST_WORDS: ReadonlySet<string> = new Set(
  (
    'caption captions annotation annotations annots instances image images img imgs photo photos pictures picture metadata ' +
    'meta data dataset datasets list lists split splits set sets file files label labels query queries text texts ' +
    'pairs token tokens index info gallery names name ids all final full official coco cococaptions mscoco retrieval flickr flickrk dsr ' +
    'imagenet x k v karpathy art sketch sketches mosaic lowres low res cartoon paintings style styles'
  ).split(' '),
);

/** Words of a file's name, in lower case: `trainImages` is two words, `TRAIN` one. */
const wordsOf = (path: string): string[] =>
  (posix.basename(path, posix.extname(path)).match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) =>
    word.toLowerCase(),
  );

const splitOfWord = (word: string): string | undefined =>
  SPLIT_WORDS.find(([pattern]) => pattern.test(word))?.[1];

/** The split that a file's name tells by a whole word beside words that any list is called by:
 *  `captions_train2017.json`, `test.csv`, `Flickr_8k.devImages.txt`. `latest.csv` and `retrieval.json` tell none, nor
 *  does `model-train-photos.csv`, which may list photos of model trains.
 *  @param path `/` between names; the folders are not looked at. */
export function splitOfName(path: string): string | undefined {
  const words = wordsOf(path);
  const splits = words.flatMap((word) => splitOfWord(word) ?? []);
  const others = words.filter((word) => splitOfWord(word) === undefined);
  return others.every((word) => LIST_WORDS.has(word)) ? splits[0] : undefined;
}

/** The split that a folder's name stands for: `train`, `Validation`, `test_set`. */
export function splitOfFolder(name: string): string | undefined {
  return splitOfWord(name.toLowerCase().replaceAll(/[^a-z]/g, ''));
}

/** The split of a list: as its name tells ({@link splitOfName}), else as the folder that it lies in, else by the
 *  company of lists that differ from it in nothing but the split, as `birds-train.csv` and `birds-test.csv` do.
 *  @param lists every list of the folder. */
export function splitOfList(list: string, lists: readonly string[]): string | undefined {
  const named = splitOfName(list) ?? splitOfFolder(posix.basename(posix.dirname(list)));
  if (named !== undefined) return named;
  const at = wordsOf(list).findIndex((word) => splitOfWord(word) !== undefined);
  if (at < 0) return undefined;
  const frame = (words: readonly string[]) => words.toSpliced(at, 1, '?').join(' ');
  const own = wordsOf(list);
  const isTwin = (other: string) => {
    const words = wordsOf(other);
    const split = splitOfWord(words[at] ?? '');
    return split !== undefined && split !== splitOfWord(own[at] ?? '') && frame(words) === frame(own);
  };
  return lists.some(isTwin) ? splitOfWord(own[at] ?? '') : undefined;
}
