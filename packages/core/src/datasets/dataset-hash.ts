import { createHash } from 'node:crypto';
import { hashContent, hashFile } from '../weights/hash-file.js';
import { canonicalJson } from './canonical-json.js';
import {
  type Dataset,
  type DatasetRecord,
  type ImageRecord,
  isTextQuery,
  type QueryRecord,
} from './dataset.js';
import { DatasetError } from './dataset-error.js';

// Files read at a time: enough to keep a disk busy beside the hashing.
const READERS = 16;

/** The content hash of a dataset, by which its versions are told apart: sha256 over the sorted hashes of its entries,
 *  one a line. An entry is hashed as sha256 of its picture in hex (nothing for words), a line feed, and its record as
 *  canonical JSON. Pictures and targets count by their content and not by their names, so it makes no difference where
 *  the folder lies, in which order it is listed, or what an export had to rename.
 *  @returns 64 hex digits. @throws {DatasetError} `FILE_MISSING` for a picture that cannot be read. */
export async function hashDataset({ images, queries }: Pick<Dataset, 'images' | 'queries'>): Promise<string> {
  const pictures = await hashPictures([...images, ...queries]);
  const hashOf = (record: DatasetRecord): string =>
    ('path' in record ? pictures.get(record.path) : undefined) ?? '';
  const photos = new Map(images.map((image) => [image.file, hashOf(image)]));
  const entries = [
    ...images.map((image) => entryHash(hashOf(image), imageContent(image))),
    ...queries.map((query) =>
      entryHash(hashOf(query), queryContent(query, photos.get(query.target ?? '') ?? null)),
    ),
  ];
  return hashContent(entries.sort().join('\n'));
}

const entryHash = (picture: string, record: unknown): string =>
  createHash('sha256')
    .update(`${picture}\n${canonicalJson(record)}`)
    .digest('hex');

/** What a photo's record says beside its name. Tags are a set. */
function imageContent({ captions, class: label, split, attributes }: ImageRecord): object {
  const { tags, ...others } = attributes;
  const isTags = Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string');
  return {
    kind: 'image',
    captions,
    class: label ?? null,
    split: split ?? null,
    tags: isTags ? sortedByBytes(tags) : [],
    attributes: isTags ? others : attributes,
  };
}

/** @param target content hash of the photo that is meant. */
const queryContent = (query: QueryRecord, target: string | null): object => ({
  kind: 'query',
  style: query.style,
  text: isTextQuery(query) ? query.text : null,
  target,
  class: query.class ?? null,
  split: query.split ?? null,
  attributes: query.attributes,
});

const sortedByBytes = (texts: readonly string[]): string[] =>
  [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Each picture's sha256 by its path; a picture that several records name is read once. */
async function hashPictures(records: readonly DatasetRecord[]): Promise<Map<string, string>> {
  const files = new Map(
    records.flatMap((record) => ('path' in record ? [[record.path, record.file] as const] : [])),
  );
  const hashes = new Map<string, string>();
  const queue = files.entries();
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (const [path, file] of queue) {
        const hash = await hashFile(path).catch((cause: unknown) => {
          const what = `"${file}" cannot be read, so the dataset's version cannot be told`;
          throw new DatasetError('FILE_MISSING', `${path}: ${what}`, { file }, cause);
        });
        hashes.set(path, hash);
      }
    }),
  );
  return hashes;
}
