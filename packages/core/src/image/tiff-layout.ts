/** One picture of a TIFF file. */
export interface TiffPicture {
  /** Its place in the chain of directories, from 0. */
  readonly page: number;
  /** Its place among the directories below that page, or null for the page itself. */
  readonly subDirectory: number | null;
  readonly width: number;
  readonly height: number;
  /** What it is a picture of, by the specification's number: 2 RGB, 32803 a sensor's mosaic of colours. */
  readonly photometric: number | null;
  /** A transparency mask rather than a picture. */
  readonly isMask: boolean;
}

export interface TiffLayout {
  readonly pictures: readonly TiffPicture[];
  /** What the camera calls its raw format, for a file that holds a sensor's numbers; null for an ordinary TIFF. */
  readonly cameraRaw: string | null;
}

// TIFF 6.0, TIFF/EP and the DNG specification 1.7.
const TAG = { subfileType: 254, width: 256, height: 257, photometric: 262, make: 271, subDirectories: 330 };
const DNG_VERSION = 50706;
const SENSOR_MOSAIC = 32803;
const LINEAR_RAW = 34892;
const REDUCED = 1;
const MASK = 4;
/** Bytes of a value of each type of field. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };
/** Makers of cameras whose raw files are TIFFs in all but what they hold. */
const RAW_MAKERS: readonly (readonly [RegExp, string])[] = [
  [/^nikon/i, 'NEF'],
  [/^sony/i, 'ARW'],
  [/^canon/i, 'CR2'],
  [/^pentax|^ricoh/i, 'PEF'],
  [/^samsung/i, 'SRW'],
  [/^hasselblad/i, '3FR'],
  [/^phase one|^leaf/i, 'IIQ'],
  [/^kodak|^eastman/i, 'DCR'],
];
/** Directories that are looked at: a hostile file may chain them without an end. */
const MAX_DIRECTORIES = 1000;

/** Reads which pictures a TIFF holds, without decoding any. Null where its directories cannot be followed; BigTIFF too. */
export function readTiffLayout(bytes: Uint8Array): TiffLayout | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const big = bytes.length > 8 && view.getUint16(2, little) === 43;
  if (big || bytes.length < 16) return null;
  try {
    return layoutOf(view, little, bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Directory {
  readonly entries: ReadonlyMap<number, readonly number[]>;
  readonly make: string;
  readonly next: number;
}

function layoutOf(view: DataView, little: boolean, bytes: Uint8Array): TiffLayout {
  const pictures: TiffPicture[] = [];
  const seen = new Set<number>();
  let first: Directory | undefined;
  let page = 0;
  for (let at = view.getUint32(4, little); at !== 0; page++) {
    if (seen.has(at) || seen.size > MAX_DIRECTORIES) break;
    seen.add(at);
    const directory = readDirectory(view, little, at);
    first ??= directory;
    addPicture(pictures, directory, page, null);
    for (const [i, below] of (directory.entries.get(TAG.subDirectories) ?? []).entries()) {
      if (seen.has(below) || seen.size > MAX_DIRECTORIES) break;
      seen.add(below);
      addPicture(pictures, readDirectory(view, little, below), page, i);
    }
    at = directory.next;
  }
  return { pictures, cameraRaw: first ? rawFormat(first, pictures, bytes) : null };
}

function addPicture(
  pictures: TiffPicture[],
  { entries }: Directory,
  page: number,
  subDirectory: number | null,
): void {
  const [width, height] = [TAG.width, TAG.height].map((tag) => entries.get(tag)?.[0] ?? 0) as [
    number,
    number,
  ];
  if (width === 0 || height === 0) return;
  const isMask = ((entries.get(TAG.subfileType)?.[0] ?? 0) & MASK) !== 0;
  const photometric = entries.get(TAG.photometric)?.[0] ?? null;
  pictures.push({ page, subDirectory, width, height, photometric, isMask });
}

function rawFormat(first: Directory, pictures: readonly TiffPicture[], bytes: Uint8Array): string | null {
  if (first.entries.has(DNG_VERSION)) return 'DNG';
  // "CR" and a version behind the header.
  if (bytes[8] === 0x43 && bytes[9] === 0x52) return 'CR2';
  const holdsSensor = pictures.some(
    ({ photometric }) => photometric === SENSOR_MOSAIC || photometric === LINEAR_RAW,
  );
  const maker = RAW_MAKERS.find(([pattern]) => pattern.test(first.make))?.[1];
  if (holdsSensor) return maker ?? 'raw';
  const isPreview = ((first.entries.get(TAG.subfileType)?.[0] ?? 0) & REDUCED) !== 0;
  return maker !== undefined && isPreview && first.entries.has(TAG.subDirectories) ? maker : null;
}

/** @throws {RangeError} where it lies outside the file. */
function readDirectory(view: DataView, little: boolean, at: number): Directory {
  const count = view.getUint16(at, little);
  const entries = new Map<number, readonly number[]>();
  let make = '';
  for (let i = 0; i < count; i++) {
    const field = at + 2 + 12 * i;
    const tag = view.getUint16(field, little);
    const type = view.getUint16(field + 2, little);
    const values = view.getUint32(field + 4, little);
    if (tag === TAG.make) make = readText(view, little, field, Math.min(values, 64));
    else if (isNeeded(tag)) entries.set(tag, readNumbers(view, little, field, type, Math.min(values, 64)));
  }
  return { entries, make, next: view.getUint32(at + 2 + 12 * count, little) };
}

const NEEDED: ReadonlySet<number> = new Set([...Object.values(TAG), DNG_VERSION]);
const isNeeded = (tag: number): boolean => NEEDED.has(tag);

function readNumbers(view: DataView, little: boolean, field: number, type: number, count: number): number[] {
  const size = TYPE_BYTES[type] ?? 4;
  const start = size * count <= 4 ? field + 8 : view.getUint32(field + 8, little);
  return Array.from({ length: count }, (_, i) => {
    const at = start + size * i;
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getUint16(at, little) : view.getUint32(at, little);
  });
}

function readText(view: DataView, little: boolean, field: number, count: number): string {
  const start = count <= 4 ? field + 8 : view.getUint32(field + 8, little);
  let text = '';
  for (let i = 0; i < count; i++) text += String.fromCharCode(view.getUint8(start + i));
  return text.replace(/\0.*$/s, '').trim();
}
