import { open } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { ImageArgumentError, ImageDecodeError } from './image-errors.js';
import { isCutShort } from './is-cut-short.js';
import type { RgbImage } from './rgb-image.js';
import { sniffFormat } from './sniff-format.js';
import { readTiffLayout, type TiffPicture } from './tiff-layout.js';
import { toEightBits } from './wide-samples.js';

// The one file that imports sharp. Its cache would hold the pixels of files that change on disk.
sharp.cache(false);

export interface DecodeLimits {
  /** Largest file taken, in bytes. */
  readonly maxBytes: number;
  /** Largest picture taken, width × height, as its header tells before anything is decoded. */
  readonly maxPixels: number;
}

/** 64 MiB and 120 megapixels: above any camera in common use, below what fills a small machine's memory. */
export const DEFAULT_DECODE_LIMITS: DecodeLimits = { maxBytes: 64 * 1024 * 1024, maxPixels: 120_000_000 };

/** What a picture's header says, after EXIF orientation. */
export interface ImageInfo {
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';
  readonly width: number;
  readonly height: number;
}

export type ResizeKernel = 'bicubic' | 'bilinear' | 'nearest' | 'lanczos3';

const SHARP_KERNEL = {
  bicubic: 'cubic',
  bilinear: 'linear',
  nearest: 'nearest',
  lanczos3: 'lanczos3',
} as const;

/** Which pixels of a picture are wanted, and how many. */
export interface DecodeWish {
  /** Longest edge in pixels; a larger picture is shrunk while it is read, so that it is never held whole. */
  readonly side?: number;
  /** The part that is wanted, in whole pixels of the upright picture, inside it. */
  readonly box?: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** A picture whose header was read and checked. */
export interface OpenedImage {
  readonly info: ImageInfo;
  /** What decoding it costs, in pixels of 8 bits: more than it has where its samples are wider. */
  readonly decodingPixels: number;
  /** The pixels, as `decodeImage` gives them. @throws {ImageDecodeError} */
  decode(wish?: DecodeWish): Promise<RgbImage>;
}

/** Reads a picture's header; its pixels follow when they are asked for, and the header is not read again.
 *  @throws {ImageDecodeError} with the reason as `code`. */
export async function openImage(bytes: Uint8Array, limits: Partial<DecodeLimits> = {}): Promise<OpenedImage> {
  const { pixels, info, wide } = await openChecked(bytes, limits);
  const decode = async (wish: DecodeWish = {}) => {
    const image = shaped(await pixels(), wish);
    return toRgb(image).catch((cause: unknown) => {
      throw decodeFailure(cause, info, bytes);
    });
  };
  return { info, decodingPixels: info.width * info.height * (wide ? WIDE_COST : 1), decode };
}

/** A sample of 32 bits is held as a float before it becomes 8 bits, and the picture whole. */
const WIDE_COST = 8;

function shaped(image: Sharp, { side, box }: DecodeWish): Sharp {
  const part = box === undefined ? image : image.autoOrient().extract(box);
  if (side === undefined) return part;
  requireSize('longest edge', side, 16384);
  return part.resize(side, side, { fit: 'inside', withoutEnlargement: true });
}

/** Decodes a picture of any colour space and depth to 8-bit sRGB: upright, first frame, alpha laid on white.
 *  The format is told from the content. @throws {ImageDecodeError} with the reason as `code`. */
export const decodeImage = async (bytes: Uint8Array, limits: Partial<DecodeLimits> = {}): Promise<RgbImage> =>
  (await openImage(bytes, limits)).decode();

/** Reads format and size without decoding the pixels. @throws {ImageDecodeError} */
export async function readImageInfo(
  bytes: Uint8Array,
  limits: Partial<DecodeLimits> = {},
): Promise<ImageInfo> {
  return (await openChecked(bytes, limits)).info;
}

/** Reads and decodes one file; a file over `maxBytes` is refused before it is read.
 *  @throws {ImageDecodeError} with `FILE_UNREADABLE` where the file itself cannot be read. */
export async function readImage(path: string, limits: Partial<DecodeLimits> = {}): Promise<RgbImage> {
  const { maxBytes } = { ...DEFAULT_DECODE_LIMITS, ...limits };
  const bytes = await readFileWithin(path, maxBytes);
  try {
    return await decodeImage(bytes, limits);
  } catch (cause) {
    if (!(cause instanceof ImageDecodeError)) throw cause;
    throw new ImageDecodeError(cause.code, `${path}: ${cause.message}`, { ...cause.data, path }, cause);
  }
}

/** A WebP that fits into `size × size` pixels, never larger than the picture itself. Metadata is dropped.
 *  @param size longest edge in pixels, 1 to 4096. @throws {ImageDecodeError} as `decodeImage`. */
export async function makeThumbnail(
  bytes: Uint8Array,
  size: number,
  limits: Partial<DecodeLimits> = {},
): Promise<Uint8Array> {
  requireSize('thumbnail size', size, 4096);
  const input = await openChecked(bytes, limits);
  try {
    return await upright(await input.pixels())
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer();
  } catch (cause) {
    throw decodeFailure(cause, input.info, bytes);
  }
}

/** Lossless PNG. */
export const encodePng = (image: RgbImage): Promise<Uint8Array> => fromRgb(image).png().toBuffer();

/** JPEG without chroma subsampling above quality 90. @param quality 1 to 100. */
export function encodeJpeg(image: RgbImage, quality = 90): Promise<Uint8Array> {
  return fromRgb(image)
    .jpeg({ quality, chromaSubsampling: quality > 90 ? '4:4:4' : '4:2:0' })
    .toBuffer();
}

/** Lossy WebP. @param quality 1 to 100. */
export const encodeWebp = (image: RgbImage, quality = 82): Promise<Uint8Array> =>
  fromRgb(image).webp({ quality }).toBuffer();

/** Resizes to exactly `width × height`, antialiased when it shrinks (off the main thread).
 *  @throws {ImageArgumentError} if a side is not a whole number of 1 to 16384 pixels. */
export async function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
  kernel: ResizeKernel = 'bicubic',
): Promise<RgbImage> {
  requireSize('width', width, 16384);
  requireSize('height', height, 16384);
  if (width === image.width && height === image.height) return image;
  return toRgb(fromRgb(image).resize(width, height, { fit: 'fill', kernel: SHARP_KERNEL[kernel] }));
}

/** Draws an SVG of our own making. Never to be given an SVG from outside: it may name local files.
 *  @param svg the document, with `width` and `height` in pixels. */
export const rasteriseOwnSvg = (svg: string): Promise<RgbImage> => toRgb(sharp(Buffer.from(svg)));

interface CheckedInput {
  readonly info: ImageInfo;
  /** Whether its samples have more than 16 bits. */
  readonly wide: boolean;
  /** The picture, ready to be read. */
  pixels(): Promise<Sharp>;
}

async function openChecked(bytes: Uint8Array, partial: Partial<DecodeLimits>): Promise<CheckedInput> {
  const limits = { ...DEFAULT_DECODE_LIMITS, ...partial };
  if (bytes.byteLength === 0)
    throw new ImageDecodeError('EMPTY_FILE', 'expected a picture, got an empty file');
  if (bytes.byteLength > limits.maxBytes) throw fileTooLarge(bytes.byteLength, limits.maxBytes);
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'unknown') {
    throw new ImageDecodeError(
      'NOT_AN_IMAGE',
      'expected a JPEG, PNG, WebP, GIF, TIFF or AVIF picture; the content is none of these',
    );
  }
  if (sniffed.kind === 'refused') {
    throw new ImageDecodeError(
      'UNSUPPORTED_FORMAT',
      `${sniffed.format.toUpperCase()} is not supported; convert it to JPEG, PNG, WebP, GIF, TIFF or AVIF`,
      { format: sniffed.format },
    );
  }
  if (sniffed.kind === 'raw') throw cameraRaw(sniffed.format.toUpperCase());
  const place = sniffed.format === 'tiff' ? largestOf(bytes) : {};
  const { info, wideSpace } = await readHeader(bytes, sniffed.format, place);
  const pixels = info.width * info.height;
  if (pixels > limits.maxPixels) {
    throw new ImageDecodeError(
      'TOO_LARGE',
      `the picture is ${info.width}×${info.height} (${pixels} pixels); the limit is ${limits.maxPixels}`,
      { width: info.width, height: info.height, maxPixels: limits.maxPixels },
    );
  }
  // `truncated`: a cut file fails, while the harmless warnings of many old cameras do not.
  const open = sharp(bytes, {
    failOn: 'truncated',
    limitInputPixels: limits.maxPixels,
    page: 0,
    pages: 1,
    ...place,
  });
  const wide = wideSpace !== null;
  return {
    info,
    wide,
    pixels: async () => (wide ? narrowed(open.clone(), wideSpace, info, bytes) : open.clone()),
  };
}

const cameraRaw = (format: string): ImageDecodeError =>
  new ImageDecodeError(
    'CAMERA_RAW',
    `a camera raw file (${format}) holds what the sensor measured, not a picture; develop it to JPEG or TIFF first`,
    { format },
  );

/** Where the largest picture of a TIFF lies, for `sharp`. @throws {ImageDecodeError} for a camera's raw file. */
function largestOf(bytes: Uint8Array): { page?: number; tiff?: { subifd: number } } {
  const layout = readTiffLayout(bytes);
  if (layout === null) return {};
  if (layout.cameraRaw !== null) throw cameraRaw(layout.cameraRaw);
  const size = ({ width, height }: TiffPicture) => width * height;
  const [first, ...others] = layout.pictures.filter(({ isMask }) => !isMask);
  if (first === undefined) return {};
  const { page, subDirectory } = others.reduce(
    (best, next) => (size(next) > size(best) ? next : best),
    first,
  );
  return { page, ...(subDirectory === null ? {} : { tiff: { subifd: subDirectory } }) };
}

/** A picture with samples of 32 bits, which sharp would cut off at 255, brought to 8 bits with its brightness. Floats
 *  are taken for brightness on a screen, as programs that compute with pictures write them, not for linear light.
 *  @param space of the file's colours: converted to another, they would be taken for light. */
async function narrowed(image: Sharp, space: string, info: ImageInfo, bytes: Uint8Array): Promise<Sharp> {
  const wide = await image
    .autoOrient()
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw decodeFailure(cause, info, bytes);
    });
  const { data, info: raw } = wide;
  const samples = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const { width, height, channels } = raw;
  return sharp(toEightBits(samples), { raw: { width, height, channels } });
}

/** Depths that sharp brings to 8 bits by itself. */
const NARROW_DEPTHS: ReadonlySet<string> = new Set(['uchar', 'ushort']);

// Reads the header alone, so it needs no pixel limit: the caller compares and can say the size.
async function readHeader(
  bytes: Uint8Array,
  format: ImageInfo['format'],
  place: object,
): Promise<{ info: ImageInfo; wideSpace: string | null }> {
  try {
    const { autoOrient, depth, space } = await sharp(bytes, { limitInputPixels: false, ...place }).metadata();
    const info = { format, width: autoOrient.width, height: autoOrient.height };
    const isWide = depth !== undefined && !NARROW_DEPTHS.has(depth);
    return { info, wideSpace: isWide ? (space ?? 'srgb') : null };
  } catch (cause) {
    throw decodeFailure(cause, { format }, bytes);
  }
}

const upright = (image: Sharp): Sharp =>
  image.autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');

async function toRgb(image: Sharp): Promise<RgbImage> {
  const { data, info } = await upright(image).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width: info.width, height: info.height, data: toThreeChannels(bytes, info.channels) };
}

function toThreeChannels(bytes: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return bytes;
  const pixels = bytes.length / channels;
  const out = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) out[i * 3 + c] = bytes[i * channels + (channels > 2 ? c : 0)] ?? 0;
  }
  return out;
}

function fromRgb(image: RgbImage): Sharp {
  const expected = image.width * image.height * 3;
  if (image.data.length !== expected || expected === 0) {
    throw new ImageArgumentError(
      `expected ${image.width}×${image.height}×3 = ${expected} bytes of pixels, got ${image.data.length}`,
    );
  }
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
}

// The file itself is asked whether its end is missing: the decoder keeps its messages in one place for all threads,
// so that under load a failure may come with another picture's words.
function decodeFailure(cause: unknown, info: Partial<ImageInfo>, bytes: Uint8Array): ImageDecodeError {
  const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ').trim() : String(cause);
  if (/pixel limit|too large|exceeds/i.test(reason)) {
    return new ImageDecodeError('TOO_LARGE', `the picture is over the pixel limit: ${reason}`, info, cause);
  }
  if (/samples out of range|bits per sample/i.test(reason)) {
    const what = `the ${info.format ?? 'picture'} holds samples that cannot be read here, such as floats of 64 bits`;
    return new ImageDecodeError('UNSUPPORTED_FORMAT', `${what}; convert it to 8 or 16 bits`, info, cause);
  }
  const cut = info.format !== undefined && isCutShort(bytes, info.format);
  return new ImageDecodeError(
    cut ? 'TRUNCATED' : 'CORRUPT',
    `the ${info.format ?? 'picture'} file is ${cut ? 'cut short' : 'damaged'}: ${reason}`,
    info,
    cause,
  );
}

async function readFileWithin(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > maxBytes) throw fileTooLarge(size, maxBytes, path);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ImageDecodeError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ImageDecodeError('FILE_UNREADABLE', `${path}: cannot be read: ${reason}`, { path }, cause);
  }
}

function fileTooLarge(size: number, maxBytes: number, path?: string): ImageDecodeError {
  const where = path === undefined ? '' : `${path}: `;
  return new ImageDecodeError('TOO_LARGE', `${where}the file has ${size} bytes; the limit is ${maxBytes}`, {
    size,
    maxBytes,
  });
}

function requireSize(what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new ImageArgumentError(`${what}: expected a whole number from 1 to ${max}, got ${value}`);
}
