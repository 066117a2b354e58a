import { captionFileListing } from './caption-file-listing.js';
import { cocoListing } from './coco-listing.js';
import { csvListing } from './csv-listing.js';
import { dsrListing, imageNetXListing } from './dataset-listing.js';
import { jsonArrayListing } from './json-array-listing.js';
import { jsonLinesListing } from './json-lines-listing.js';
import type { ListingFormat, ListingSource } from './listing.js';
import { manifestListing } from './manifest-listing.js';
import { classTreeListing, styleTreeListing } from './tree-listing.js';

/** Every file as a photo, whatever its name: what it is, its content tells. */
const plainListing: ListingFormat = {
  layout: 'pictures in a folder, however deep',
  recognises: () => true,
  async *list({ files }) {
    for (const file of files) yield { kind: 'image', place: file, file, captions: [], attributes: {} };
  },
};

/** What an import reads, by name, the most telling first: that is the order in which a folder is tried. Unlike the
 *  readers of `datasetReaders`, which want a dataset without a fault, these list whatever can be taken. */
export const listingFormats = {
  'dataset-folder': manifestListing,
  dsr: dsrListing,
  'coco-captions': cocoListing,
  'imagenet-x': imageNetXListing,
  'caption-file': captionFileListing,
  csv: csvListing,
  jsonl: jsonLinesListing,
  json: jsonArrayListing,
  'style-class-tree': styleTreeListing,
  'class-tree': classTreeListing,
  plain: plainListing,
} as const satisfies Readonly<Record<string, ListingFormat>>;

export type ListingFormatName = keyof typeof listingFormats;

/** Every format that fits a folder, the most telling first; `plain` always does. */
export async function recogniseListing(source: ListingSource): Promise<ListingFormatName[]> {
  const fitting: ListingFormatName[] = [];
  for (const name of Object.keys(listingFormats) as ListingFormatName[]) {
    if (await listingFormats[name].recognises(source)) fitting.push(name);
  }
  return fitting;
}
