import { decodeImage, encodePng, encodeWebp, resizeImage } from '../image/image-codec.js';
import type { RgbImage } from '../image/rgb-image.js';
import { styleMaker } from './style-makers.js';

/** One query picture that is wanted of a photo. */
export interface VersionRequest {
  readonly maker: string;
  readonly strength: number;
  readonly seed: number;
}

/** A query picture as a file. */
export interface StyleVersion {
  readonly bytes: Uint8Array;
  readonly mediaType: 'image/png' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/** Longest edge of a version, in pixels: the largest input of the encoders in use (BLIP's 384). The makers' work grows
 *  with the pixels, and a mosaic of a large original would hide nothing. */
export const VERSION_SIDE = 384;

// Painted areas are soft, and as PNG several times the size; at this quality no block shows.
const WEBP_QUALITY = 90;

/** Makes query pictures of one photo, which is decoded once. The same photo and requests give the same bytes.
 *  @param photo the file, in any format that `decodeImage` takes. @param side longest edge of the versions, in pixels.
 *  @throws {ImageDecodeError} @throws {UnknownStyleMakerError} */
export async function makeStyleVersions(
  photo: Uint8Array,
  requests: readonly VersionRequest[],
  side: number = VERSION_SIDE,
): Promise<StyleVersion[]> {
  const source = await fitInside(await decodeImage(photo), side);
  const versions: StyleVersion[] = [];
  for (const { maker, strength, seed } of requests) {
    const made = await styleMaker(maker).make(source, { seed, strength });
    versions.push({ ...(await encode(made)), width: made.width, height: made.height });
  }
  return versions;
}

function fitInside(image: RgbImage, side: number): Promise<RgbImage> | RgbImage {
  const scale = side / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return resizeImage(image, scaled(image.width), scaled(image.height));
}

// Lines on paper and flat cells are smaller as PNG, and exact.
async function encode(image: RgbImage): Promise<Pick<StyleVersion, 'bytes' | 'mediaType'>> {
  if (isGrey(image) || isFlat(image)) return { bytes: await encodePng(image), mediaType: 'image/png' };
  return { bytes: await encodeWebp(image, WEBP_QUALITY), mediaType: 'image/webp' };
}

function isGrey({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

// Three of four pixels repeat the one to their left.
function isFlat({ data, width }: RgbImage): boolean {
  let same = 0;
  for (let i = 3; i < data.length; i += 3) {
    if (data[i] === data[i - 3] && data[i + 1] === data[i - 2] && data[i + 2] === data[i - 1]) same += 1;
  }
  return width > 1 && same * 4 >= (data.length / 3) * 3;
}
