import { ImageDecodeError, type RgbImage, WEIGHT_RANGE } from '@freestyle/core';
import { isUuid } from '../../../platform/database/uuid.js';
import { NotFoundError, TooLargeError, ValidationError } from '../../../platform/errors.js';
import type { PictureFetcher } from '../../../platform/net/fetch-picture.js';
import type { RequestPictures } from '../../../platform/storage/picture-decoder.js';
import { UPLOAD_KEPT_DAYS, type UploadStore } from '../../../platform/storage/upload-store.js';
import { cropBox, isBlank } from './picture.js';
import type { CropInput, ImageSource, LeafInput, QueryPartInput, SearchQuery } from './query.js';
import { type PartStyle, partStyle } from './style.js';

/** A part whose pictures are decoded and whose numbers are checked. */
export interface ResolvedPart {
  readonly index: number;
  readonly negative: boolean;
  readonly weight: number;
  readonly style: PartStyle;
  readonly content: PartContent;
}

export type PartContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'picture'; readonly image: RgbImage; readonly blank: boolean }
  /** A gallery photo, by the id of its row. */
  | { readonly kind: 'photo'; readonly imageId: string }
  | { readonly kind: 'vector'; readonly vector: Float32Array };

/** What the live model asks of a query. */
export interface QueryModel {
  readonly dimensions: number;
  /** Styles that can be imposed, as the model calls them. */
  readonly styles: readonly string[];
}

export interface PictureSources {
  readonly uploads: UploadStore;
  readonly fetchPicture: PictureFetcher;
  /** What decodes the pictures of this request. */
  readonly pictures: RequestPictures;
}

export const MAX_PARTS = 16;
export const MAX_TEXT = 2000;
/** What fits into a request beside others; larger pictures are uploaded. */
export const MAX_BASE64_BYTES = 5 * 1024 * 1024;

/** Checks a query and fetches what its parts name. `index` counts positives, then negatives, as they were given.
 *  @throws {ValidationError} @throws {NotFoundError} @throws {TooLargeError} */
export async function resolveParts(
  query: SearchQuery,
  model: QueryModel,
  sources: PictureSources,
): Promise<ResolvedPart[]> {
  const positives = query.all ?? [];
  const negatives = query.not ?? [];
  const count = positives.length + negatives.length;
  if (count === 0) throw ValidationError.at(['query', 'all'], 'expected at least one part');
  if (count > MAX_PARTS) throw ValidationError.at(['query'], `expected at most ${MAX_PARTS} parts in all`);
  const parts = await Promise.all([
    ...positives.map((part, i) => resolvePart(part, { list: 'all', i, index: i }, model, sources)),
    ...negatives.map((part, i) =>
      resolvePart(part, { list: 'not', i, index: positives.length + i }, model, sources),
    ),
  ]);
  if (parts.every(({ weight }) => weight === 0)) {
    throw ValidationError.at(['query'], 'every part has weight 0; give at least one a weight above 0');
  }
  return parts;
}

interface Place {
  readonly list: 'all' | 'not';
  readonly i: number;
  readonly index: number;
}

const pathTo = ({ list, i }: Place, ...rest: string[]): string[] => ['query', list, String(i), ...rest];

const given = (leaf: LeafInput): string[] =>
  Object.entries(leaf).flatMap(([name, value]) => (value === null || value === undefined ? [] : [name]));

/** What a part says, wherever it says so. */
function leafOf(part: QueryPartInput, place: Place): { leaf: LeafInput; path: string[] } {
  const { like, text, image, vector } = part;
  const old = { text, image, vector };
  const count = given(old).length + (like ? 1 : 0);
  if (count !== 1)
    throw ValidationError.at(
      pathTo(place),
      `expected exactly one of like, text, image and vector, got ${count}`,
    );
  if (!like) return { leaf: old, path: pathTo(place) };
  // GraphQL itself sees to it for documents; values of variables are checked by it too.
  if (given(like).length !== 1) throw ValidationError.at(pathTo(place, 'like'), 'expected exactly one field');
  return { leaf: like, path: pathTo(place, 'like') };
}

async function resolvePart(
  part: QueryPartInput,
  place: Place,
  model: QueryModel,
  sources: PictureSources,
): Promise<ResolvedPart> {
  const { leaf, path } = leafOf(part, place);
  const weight = part.weight ?? 1;
  if (!(weight >= WEIGHT_RANGE.min && weight <= WEIGHT_RANGE.max)) {
    throw ValidationError.at(
      pathTo(place, 'weight'),
      `expected a weight from ${WEIGHT_RANGE.min} to ${WEIGHT_RANGE.max}, got ${weight}`,
    );
  }
  const style = partStyle(part, leaf, model.styles, pathTo(place));
  const crop = part.crop ? { ...part.crop, path: pathTo(place, 'crop') } : null;
  const content = await contentOf(leaf, path, model.dimensions, sources, crop);
  if (crop !== null && content.kind !== 'picture')
    throw ValidationError.at(crop.path, 'only a picture that was brought can be cropped');
  return { index: place.index, negative: place.list === 'not', weight, style, content };
}

/** A crop with its place in the input. */
type PlacedCrop = CropInput & { readonly path: readonly string[] };

async function contentOf(
  leaf: LeafInput,
  path: string[],
  dimensions: number,
  sources: PictureSources,
  crop: PlacedCrop | null,
): Promise<PartContent> {
  if (leaf.image) return resolveImage(leaf.image, [...path, 'image'], sources, crop);
  if (leaf.sketch) return resolveImage(leaf.sketch, [...path, 'sketch'], sources, crop);
  if (leaf.imageId) return galleryPhoto(leaf.imageId);
  if (leaf.vector) {
    return { kind: 'vector', vector: checkVector(leaf.vector, [...path, 'vector'], dimensions) };
  }
  return { kind: 'text', text: checkText(leaf.text ?? '', [...path, 'text']) };
}

/** Signs that show nothing: spaces, controls, and what Unicode says to pass over, with the blank of braille. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\s\u2800]/gu;

function checkText(given: string, path: string[]): string {
  const text = given.trim();
  if (text.replace(INVISIBLE, '') === '') throw ValidationError.at(path, 'expected words, got an empty text');
  if (text.length > MAX_TEXT) throw ValidationError.at(path, `expected at most ${MAX_TEXT} characters`);
  return text;
}

function galleryPhoto(imageId: string): PartContent {
  if (!isUuid(imageId)) throw new NotFoundError('There is no photo with this id.');
  return { kind: 'photo', imageId };
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
  sources: PictureSources,
  crop: PlacedCrop | null,
): Promise<PartContent> {
  if (source.id) return galleryPhoto(source.id);
  const { bytes, from } = await bytesOf(source, path, sources);
  const image = await decodeAt(bytes, [...path, from], sources.pictures, crop);
  return { kind: 'picture', image, blank: isBlank(image) };
}

async function bytesOf(
  source: ImageSource,
  path: string[],
  { uploads, fetchPicture, pictures }: PictureSources,
): Promise<{ bytes: Uint8Array; from: string }> {
  const { url } = source;
  if (url) {
    return { bytes: await pictures.fetch(url, () => fetchPicture(url, [...path, 'url'])), from: 'url' };
  }
  if (source.base64) return { bytes: fromBase64(source.base64, [...path, 'base64']), from: 'base64' };
  if (source.uploadId) {
    const bytes = await uploads.read(source.uploadId);
    if (bytes === null)
      throw new NotFoundError(
        `A picture of this search is not here (any more): pictures are kept for ${UPLOAD_KEPT_DAYS} days after their last use. Take it out, or bring it again.`,
      );
    return { bytes, from: 'uploadId' };
  }
  throw ValidationError.at(path, 'expected exactly one of uploadId, base64, url and id');
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

async function decodeAt(
  bytes: Uint8Array,
  path: string[],
  pictures: RequestPictures,
  crop: PlacedCrop | null,
): Promise<RgbImage> {
  try {
    return await pictures.decode(bytes, crop === null ? undefined : (size) => cropBox(size, crop, crop.path));
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    if (error.code === 'TOO_LARGE') throw new TooLargeError(error.message);
    throw ValidationError.at(path, error.message, error);
  }
}
