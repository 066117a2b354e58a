import {
  hasClassFolders,
  hasDomainFolders,
  hasSplitFolders,
  type TreeLabels,
  treeReader,
} from '../class-tree.js';
import { type ListingEntry, type ListingFormat, type ListingSource, problem } from './listing.js';

/** Folders that are classes, with or without splits above them. Taken by itself only where splits, or names as classes
 *  have them, say so: a tree of other folders may as well be somebody's albums. */
export const classTreeListing: ListingFormat = {
  layout: '<class>/<picture> or <split>/<class>/<picture>',
  recognises: ({ files }) => hasSplitFolders(files) || hasClassFolders(files),
  list: (source) => listTree(source, treeReader(source.files, 'none')),
};

/** Folders of styles above folders of classes, as PACS has them: `photo` is the gallery, the others are queries. */
export const styleTreeListing: ListingFormat = {
  layout: '<style>/<class>/<picture> or <split>/<style>/<class>/<picture>, with the photos in "photo"',
  recognises: ({ files }) => hasDomainFolders(files),
  list: (source) => listTree(source, treeReader(source.files, 'any')),
};

async function* listTree(
  { files }: ListingSource,
  labelsOf: (file: string) => TreeLabels,
): AsyncGenerator<ListingEntry> {
  for (const wanted of ['photo', 'query'] as const) {
    for (const file of files) {
      const { style, label, split } = labelsOf(file);
      const isPhoto = style === 'photo';
      if (isPhoto !== (wanted === 'photo')) continue;
      if (label === undefined) {
        yield problem(file, 'BAD_LAYOUT', 'the file lies in no folder that names its class');
        continue;
      }
      const labels = { place: file, file, class: label, ...(split && { split }), attributes: {} };
      yield isPhoto ? { kind: 'image', captions: [], ...labels } : { kind: 'query', style, ...labels };
    }
  }
}
