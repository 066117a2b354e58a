import type { ImageFormat } from './sniff-format.js';

/** Whether a picture file lacks its end, told from its own structure: JPEG's end-of-image marker, PNG's IEND chunk,
 *  GIF's trailer, the lengths that WebP and AVIF write down, the place of TIFF's first directory.
 *  Bytes that follow the end, as some cameras append them, do not matter.
 *  @param bytes the whole file, whose first bytes are those of `format`. */
export function isCutShort(bytes: Uint8Array, format: ImageFormat): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return WITHOUT_END[format](view);
}

const WITHOUT_END: Readonly<Record<ImageFormat, (bytes: Buffer) => boolean>> = {
  jpeg: (bytes) => bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) < 2,
  png: (bytes) => bytes.lastIndexOf('IEND', undefined, 'latin1') < 8,
  gif: (bytes) => bytes.lastIndexOf(0x3b) < bytes.length - 16,
  webp: (bytes) => bytes.length < 8 || bytes.length < bytes.readUInt32LE(4) + 8,
  avif: boxesEndBeyond,
  tiff: (bytes) => {
    if (bytes.length < 8) return true;
    const little = bytes[0] === 0x49;
    const classic = (little ? bytes.readUInt16LE(2) : bytes.readUInt16BE(2)) === 42;
    return classic && (little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)) >= bytes.length;
  },
};

// ISO 14496-12 boxes: 32-bit size and type; size 1 puts a 64-bit size behind the type, size 0 means up to the end.
function boxesEndBeyond(bytes: Buffer): boolean {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const short = bytes.readUInt32BE(at);
    if (short === 0) return false;
    if (short === 1 && at + 16 > bytes.length) return true;
    const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (size < 8) return false;
    at += size;
  }
  return at !== bytes.length;
}
