/** Formats we decode. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';
/** Formats we recognise only to say that they are not taken. */
export type RefusedFormat = 'svg' | 'bmp' | 'heic' | 'jxl' | 'jp2' | 'psd' | 'ico' | 'pdf';

/** Camera raw formats that are no TIFF by their first bytes; see `readTiffLayout` for those that are. */
export type RawFormat = 'raf' | 'rw2' | 'orf' | 'cr3' | 'x3f' | 'mrw';

export type SniffedFormat =
  | { readonly kind: 'raw'; readonly format: RawFormat }
  | { readonly kind: 'image'; readonly format: ImageFormat }
  | { readonly kind: 'refused'; readonly format: RefusedFormat }
  | { readonly kind: 'unknown' };

const SIGNATURES: readonly (readonly [readonly number[], ImageFormat | RefusedFormat])[] = [
  [[0xff, 0xd8, 0xff], 'jpeg'],
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'png'],
  [[0x47, 0x49, 0x46, 0x38], 'gif'],
  [[0x49, 0x49, 0x2a, 0x00], 'tiff'],
  [[0x4d, 0x4d, 0x00, 0x2a], 'tiff'],
  [[0x49, 0x49, 0x2b, 0x00], 'tiff'],
  [[0x4d, 0x4d, 0x00, 0x2b], 'tiff'],
  [[0x42, 0x4d], 'bmp'],
  [[0xff, 0x0a], 'jxl'],
  [[0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20], 'jxl'],
  [[0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20], 'jp2'],
  [[0x38, 0x42, 0x50, 0x53], 'psd'],
  [[0x00, 0x00, 0x01, 0x00], 'ico'],
  [[0x25, 0x50, 0x44, 0x46], 'pdf'],
];

/** Fujifilm, Panasonic, Olympus (three kinds), Sigma, Minolta. */
const RAW_SIGNATURES: readonly (readonly [string, RawFormat])[] = [
  ['FUJIFILMCCD-RAW', 'raf'],
  ['IIU\0', 'rw2'],
  ['IIRO', 'orf'],
  ['IIRS', 'orf'],
  ['MMOR', 'orf'],
  ['FOVb', 'x3f'],
  ['\0MRM', 'mrw'],
];

const DECODED: ReadonlySet<string> = new Set<ImageFormat>(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif']);

/** Tells a picture's format from its first bytes; a file's name is never looked at.
 *  @param bytes the file; the first kilobyte is enough. */
export function sniffFormat(bytes: Uint8Array): SniffedFormat {
  const raw = rawOf(latin1(bytes.subarray(0, 16)));
  if (raw !== undefined) return { kind: 'raw', format: raw };
  const format = signatureOf(bytes) ?? containerOf(bytes) ?? (looksLikeSvg(bytes) ? 'svg' : undefined);
  if (format === undefined) return { kind: 'unknown' };
  return DECODED.has(format)
    ? { kind: 'image', format: format as ImageFormat }
    : { kind: 'refused', format: format as RefusedFormat };
}

function rawOf(head: string): RawFormat | undefined {
  if (head.slice(4, 12) === 'ftypcrx ') return 'cr3';
  return RAW_SIGNATURES.find(([magic]) => head.startsWith(magic))?.[1];
}

function signatureOf(bytes: Uint8Array): ImageFormat | RefusedFormat | undefined {
  return SIGNATURES.find(([magic]) => magic.every((byte, i) => bytes[i] === byte))?.[1];
}

// RIFF (WebP) and ISO media (AVIF, HEIC) name their content a few bytes in.
function containerOf(bytes: Uint8Array): ImageFormat | RefusedFormat | undefined {
  const head = latin1(bytes.subarray(0, 64));
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.slice(4, 8) !== 'ftyp') return undefined;
  const brands = head.slice(8);
  if (/avif|avis/.test(brands)) return 'avif';
  return /heic|heix|hevc|heim|heis|mif1|msf1/.test(brands) ? 'heic' : undefined;
}

function looksLikeSvg(bytes: Uint8Array): boolean {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const text = latin1(bytes.subarray(0, 1024));
  // UTF-16 puts a zero beside each ASCII character; dropping the zeros is enough to see the tag.
  const plain = (wide ? text.replaceAll('\0', '') : text).toLowerCase();
  return /^[^<]{0,8}</.test(plain.trimStart()) && plain.includes('<svg');
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
