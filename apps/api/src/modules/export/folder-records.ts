import type { ExportPhoto, ExportQuery } from './repository.js';

/** Names in a photo's record that the format gives a meaning of its own. */
export const RESERVED_IN_PHOTOS: readonly string[] = ['kind', 'file', 'captions', 'class', 'split', 'tags'];
export const RESERVED_IN_QUERIES: readonly string[] = [
  'kind',
  'style',
  'file',
  'text',
  'target',
  'class',
  'split',
];
/** What an attribute of such a name is called in an export. */
export const RENAMED = 'attribute-';

/** A photo as a line of a manifest has it. */
export const photoRecord = (photo: ExportPhoto, file: string): Readonly<Record<string, unknown>> => ({
  kind: 'image',
  file,
  ...(photo.captions.length > 0 && { captions: photo.captions }),
  ...labels(photo),
  ...(photo.tags.length > 0 && { tags: photo.tags }),
  ...attributes(photo.attributes, RESERVED_IN_PHOTOS),
});

/** @param file null for words. */
export const queryRecord = (
  query: ExportQuery,
  file: string | null,
  target: string | null,
): Readonly<Record<string, unknown>> => ({
  kind: 'query',
  style: query.style,
  ...(file === null ? { text: query.text ?? '' } : { file }),
  ...(target !== null && { target }),
  ...labels(query),
  ...makingOf(query),
  ...attributes(query.attributes, RESERVED_IN_QUERIES),
});

/** How a query was made: columns where it was built here, attributes where it was imported; in one order either way, so
 *  that a folder that was imported and exported again is the same byte for byte. */
const makingOf = ({ maker, strength, seed, attributes }: ExportQuery): Readonly<Record<string, unknown>> => {
  const making = {
    maker: maker ?? attributes.maker,
    strength: strength ?? attributes.strength,
    seed: seed ?? attributes.seed,
  };
  return Object.fromEntries(Object.entries(making).filter(([, value]) => value !== undefined));
};

const labels = ({ className, split }: { className: string | null; split: string | null }) => ({
  ...(className !== null && { class: className }),
  ...(split !== null && { split }),
});

// An attribute may not stand in for a field of the format, nor be lost for its name.
const attributes = (given: Readonly<Record<string, unknown>>, reserved: readonly string[]) =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [reserved.includes(key) ? `${RENAMED}${key}` : key, value]),
  );
