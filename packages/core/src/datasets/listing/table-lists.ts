import { posix } from 'node:path';
import { extensionOf } from '../file-index.js';
import { splitOfFolder } from './list-fields.js';
import type { ListingSource } from './listing.js';

/** Where lists may lie: at the top, or beside the pictures of a split (`train/metadata.csv`, `data/val/list.jsonl`). */
function mayHoldLists(folder: string): 'top' | 'split' | null {
  if (folder === '') return 'top';
  return folder.split('/').length <= 3 && splitOfFolder(posix.basename(folder)) !== undefined
    ? 'split'
    : null;
}

/** Tables of pictures with these extensions. Where a split's folder holds one, those of `others` in the folders of the
 *  other splits are read with them: such a folder is one dataset, however each of its lists was written. */
export function tableLists(
  { files }: Pick<ListingSource, 'files'>,
  own: RegExp,
  others: RegExp,
): { readonly own: readonly string[]; readonly others: readonly string[] } {
  const found = (pattern: RegExp, where: readonly ('top' | 'split')[]) =>
    files.filter((file) => {
      const place = mayHoldLists(folderOf(file));
      return place !== null && where.includes(place) && pattern.test(extensionOf(file));
    });
  const mine = found(own, ['top', 'split']);
  const inSplits = mine.some((file) => file.includes('/'));
  return { own: mine, others: inSplits ? found(others, ['split']) : [] };
}

/** Folder of a list, `''` for the top. */
export const folderOf = (list: string): string => posix.dirname(list).replace(/^\.$/, '');

export const CSV_EXTENSION = /^(csv|tsv)$/;
export const JSON_LINES_EXTENSION = /^(jsonl|ndjson)$/;
