import { decodeImage, ImageDecodeError, type RgbImage } from '@freestyle/core';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError, TooLargeError, ValidationError } from '../../platform/errors.js';
import type { PictureFetcher } from '../../platform/net/fetch-picture.js';
import { UPLOAD_KEPT_DAYS, type UploadStore } from '../../platform/storage/upload-store.js';
import type { ImageSource, QueryPartInput, QueryStyle, SearchQuery } from './query.js';

/** A part whose pictures are decoded and whose numbers are checked. */
export interface ResolvedPart {
  readonly index: number;
  readonly negative: boolean;
  readonly weight: number;
  readonly style: QueryStyle;
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'picture'; readonly image: RgbImage }
    /** A gallery photo, by the id of its row. */
    | { readonly kind: 'photo'; readonly imageId: string }
    | { readonly kind: 'vector'; readonly vector: Float32Array };
}

export interface PictureSources {
  readonly uploads: UploadStore;
  readonly fetchPicture: PictureFetcher;
  /** The row behind a global id, or null if it is no photo's. */
  photoId(globalId: string): string | null;
}

export const MAX_PARTS = 16;
const MAX_TEXT = 2000;
const MAX_BASE64_BYTES = 12 * 1024 * 1024;

/** Checks a query and fetches what its parts name. `index` counts positives, then negatives, as they were given.
 *  @throws {ValidationError} @throws {NotFoundError} @throws {TooLargeError} */
export async function resolveParts(
  query: SearchQuery,
  dimensions: number,
  sources: PictureSources,
): Promise<ResolvedPart[]> {
  const negatives = query.not ?? [];
  if (query.all.length === 0) throw ValidationError.at(['query', 'all'], 'expected at least one part');
  if (query.all.length + negatives.length > MAX_PARTS) {
    throw ValidationError.at(['query'], `expected at most ${MAX_PARTS} parts in all`);
  }
  return Promise.all([
    ...query.all.map((part, i) => resolvePart(part, { list: 'all', i, index: i }, dimensions, sources)),
    ...negatives.map((part, i) =>
      resolvePart(part, { list: 'not', i, index: query.all.length + i }, dimensions, sources),
    ),
  ]);
}

interface Place {
  readonly list: 'all' | 'not';
  readonly i: number;
  readonly index: number;
}

const pathTo = ({ list, i }: Place, ...rest: string[]): string[] => ['query', list, String(i), ...rest];

async function resolvePart(
  part: QueryPartInput,
  place: Place,
  dimensions: number,
  sources: PictureSources,
): Promise<ResolvedPart> {
  const given = [part.text, part.image, part.vector].filter((value) => value !== null && value !== undefined);
  if (given.length !== 1) {
    throw ValidationError.at(pathTo(place), `expected one of text, image and vector, got ${given.length}`);
  }
  const weight = part.weight ?? 1;
  if (!Number.isFinite(weight) || weight < 0) {
    throw ValidationError.at(
      pathTo(place, 'weight'),
      `expected a number that is not negative, got ${weight}`,
    );
  }
  const common = { index: place.index, negative: place.list === 'not', weight, style: part.style ?? 'AUTO' };
  return { ...common, content: await contentOf(part, place, dimensions, sources) };
}

async function contentOf(
  part: QueryPartInput,
  place: Place,
  dimensions: number,
  sources: PictureSources,
): Promise<ResolvedPart['content']> {
  if (part.image) return resolveImage(part.image, pathTo(place, 'image'), sources);
  if (part.vector)
    return { kind: 'vector', vector: checkVector(part.vector, pathTo(place, 'vector'), dimensions) };
  const text = (part.text ?? '').trim();
  if (text === '') throw ValidationError.at(pathTo(place, 'text'), 'expected words, got an empty text');
  if (text.length > MAX_TEXT)
    throw ValidationError.at(pathTo(place, 'text'), `expected at most ${MAX_TEXT} characters`);
  return { kind: 'text', text };
}

function checkVector(values: readonly number[], path: string[], dimensions: number): Float32Array {
  if (values.length !== dimensions) {
    throw ValidationError.at(path, `expected ${dimensions} numbers for this model, got ${values.length}`);
  }
  const vector = Float32Array.from(values);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(length) || length === 0) {
    throw ValidationError.at(path, 'expected finite numbers that are not all zero');
  }
  // Photos have unit length; so has the query, and its scores are on the scale of the others.
  return vector.map((value) => value / length);
}

async function resolveImage(
  source: ImageSource,
  path: string[],
  { uploads, fetchPicture, photoId }: PictureSources,
): Promise<ResolvedPart['content']> {
  if (source.id) {
    const imageId = photoId(source.id);
    if (imageId === null || !isUuid(imageId)) throw new NotFoundError('There is no photo with this id.');
    return { kind: 'photo', imageId };
  }
  if (source.url) {
    return {
      kind: 'picture',
      image: await decodeAt(await fetchPicture(source.url, [...path, 'url']), [...path, 'url']),
    };
  }
  if (source.uploadId) {
    const bytes = await uploads.read(source.uploadId);
    if (bytes === null)
      throw new NotFoundError(
        `A picture of this search is not here (any more): pictures are kept for ${UPLOAD_KEPT_DAYS} days after their last use. Take it out, or bring it again.`,
      );
    return { kind: 'picture', image: await decodeAt(bytes, [...path, 'uploadId']) };
  }
  if (source.base64) {
    return {
      kind: 'picture',
      image: await decodeAt(fromBase64(source.base64, [...path, 'base64']), [...path, 'base64']),
    };
  }
  throw ValidationError.at(path, 'expected one of uploadId, base64, url and id');
}

function fromBase64(text: string, path: string[]): Uint8Array {
  const data = text.replace(/^data:image\/[\w.+-]+;base64,/, '');
  if (data.length > (MAX_BASE64_BYTES * 4) / 3) {
    throw new TooLargeError(
      `A base64 picture may have ${MAX_BASE64_BYTES / 1024 / 1024} MiB; upload larger ones.`,
    );
  }
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) throw ValidationError.at(path, 'this is not base64');
  return Buffer.from(data, 'base64');
}

async function decodeAt(bytes: Uint8Array, path: string[]): Promise<RgbImage> {
  try {
    return await decodeImage(bytes);
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    if (error.code === 'TOO_LARGE') throw new TooLargeError(error.message);
    throw ValidationError.at(path, error.message, error);
  }
}
