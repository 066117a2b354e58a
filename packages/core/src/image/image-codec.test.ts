import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeImage,
  encodeJpeg,
  encodePng,
  encodeWebp,
  makeThumbnail,
  openImage,
  readImage,
  readImageInfo,
  resizeImage,
} from './image-codec.js';
import type { RgbImage } from './rgb-image.js';

const golden = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../golden/image/${name}`, import.meta.url));
const pixel = (image: RgbImage, x: number, y: number): number[] => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A PNG whose header promises a size and whose body holds one byte of pixels. */
function pngOfSize(width: number, height: number): Uint8Array {
  const chunk = (type: string, body: Uint8Array): Buffer => {
    const content = Buffer.concat([ascii(type), body]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(body.length, 0);
    frame.writeUInt32BE(crc32(content), 4);
    return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('decodeImage', () => {
  // The reference flag: top row green, left red, right blue. Tolerance: what a palette or JPEG at quality 95 loses;
  // CMYK without a profile is read as printing ink, which is duller than the screen's colours.
  it.each([
    ['flag.png', 0],
    ['flag.webp', 0],
    ['flag.tif', 0],
    ['flag.gif', 8],
    ['flag-palette.png', 8],
    ['flag-exif6.jpg', 12],
    ['flag-cmyk.jpg', 95],
    ['flag-palette.tif', 8],
    ['flag-16bit.tif', 1],
    ['flag-32bit.tif', 1],
    ['flag-float.tif', 1],
    ['flag-float255.tif', 1],
    // The first picture of these two is a thumbnail of 8 × 6.
    ['flag-after-thumbnail.tif', 0],
    ['flag-below-thumbnail.tif', 0],
  ])('gives %s as upright 8-bit sRGB, its first frame', async (name, tolerance) => {
    const image = await decodeImage(await golden(name));
    expect([image.width, image.height, image.data.length]).toEqual([24, 16, 24 * 16 * 3]);
    for (const [x, y, colour] of [
      [12, 1, [30, 180, 60]],
      [4, 12, [220, 30, 30]],
      [19, 12, [30, 40, 210]],
    ] as const) {
      const worst = Math.max(...pixel(image, x, y).map((v, c) => Math.abs(v - (colour[c] ?? 0))));
      expect(worst, `${name} at ${x},${y}: ${pixel(image, x, y)}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('spreads grey to three channels and takes 16 bits down to 8 without darkening', async () => {
    const eight = await decodeImage(await golden('flag-grey.png'));
    const sixteen = await decodeImage(await golden('flag-grey16.png'));
    const [r, g, b] = pixel(eight, 4, 12);
    expect([g, b]).toEqual([r, r]);
    expect(r).toBe(87); // 0.299·220 + 0.587·30 + 0.114·30
    expect(Math.max(...sixteen.data.map((v, i) => Math.abs(v - (eight.data[i] ?? 0))))).toBeLessThanOrEqual(
      1,
    );
  });

  it('lays transparent parts on white', async () => {
    const image = await decodeImage(await golden('flag-alpha.png'));
    expect(pixel(image, 4, 12)).toEqual([255, 255, 255]);
    expect(pixel(image, 4, 6)).toEqual([220, 30, 30]);
  });

  it('takes a picture of one pixel', async () => {
    const one = { width: 1, height: 1, data: Uint8Array.of(9, 8, 7) };
    expect(await decodeImage(await encodePng(one))).toEqual(one);
  });
});

describe('hostile and broken files', () => {
  const svg =
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>';
  it.each([
    ['an empty file', new Uint8Array(), 'EMPTY_FILE'],
    ['text', ascii('these are words, whatever the name says'), 'NOT_AN_IMAGE'],
    ['HTML', ascii('<!doctype html><html><body>404</body></html>'), 'NOT_AN_IMAGE'],
    ['an SVG', ascii(svg), 'UNSUPPORTED_FORMAT'],
    ['an SVG in UTF-16', Buffer.from(`\uFEFF${svg}`, 'utf16le'), 'UNSUPPORTED_FORMAT'],
    ['a BMP', Uint8Array.of(0x42, 0x4d, 0, 0, 0, 0), 'UNSUPPORTED_FORMAT'],
    ['a PNG that claims 60000×60000', pngOfSize(60_000, 60_000), 'TOO_LARGE'],
    ['a PNG without its pixels', pngOfSize(64, 64), 'CORRUPT'],
    ['only the first bytes of a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'TRUNCATED'],
  ])('refuses %s by name', async (_, bytes, code) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({ name: 'ImageDecodeError', code });
  });

  it('refuses a JPEG or PNG cut in the middle', async () => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251);
    const image = { width: 64, height: 64, data: noise };
    for (const bytes of [await encodeJpeg(image), await encodePng(image), await encodeWebp(image)]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length / 2));
      await expect(decodeImage(cut)).rejects.toMatchObject({ code: 'TRUNCATED' });
    }
  });

  it('tells a cut file from a damaged one however many fail at once', async () => {
    const noise = Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * 7919) % 251);
    const whole = await encodeJpeg({ width: 96, height: 96, data: noise });
    const cut = whole.subarray(0, whole.length / 2);
    const damaged = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3, 0xff, 0xd9);
    const codes = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        decodeImage(i % 2 === 0 ? cut : damaged).catch((error) => error.code),
      ),
    );
    expect(codes).toEqual(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'TRUNCATED' : 'CORRUPT')));
  });

  it('refuses by bytes and by pixels before it decodes, and says the limit', async () => {
    const bytes = await golden('flag.png');
    await expect(decodeImage(bytes, { maxBytes: 50 })).rejects.toThrow(/limit is 50/);
    await expect(decodeImage(bytes, { maxPixels: 100 })).rejects.toThrow(/24×16.*limit is 100/);
    await expect(readImageInfo(bytes, { maxPixels: 100 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('readImage', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'freestyle-codec-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('goes by the content where the name lies', async () => {
    const path = join(dir, 'really-a-webp.jpg');
    await writeFile(path, await golden('flag.webp'));
    expect(await readImageInfo(await readFile(path))).toEqual({ format: 'webp', width: 24, height: 16 });
    expect((await readImage(path)).width).toBe(24);
  });

  it('names the path in every complaint', async () => {
    const missing = join(dir, 'nowhere.jpg');
    await expect(readImage(missing)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const words = join(dir, 'words.jpg');
    await writeFile(words, 'words');
    await expect(readImage(words)).rejects.toThrow(words);
    await expect(readImage(words, { maxBytes: 2 })).rejects.toThrow(/5 bytes/);
  });
});

describe('makeThumbnail', () => {
  it('fits into the square, keeps the proportions, never enlarges, stays upright', async () => {
    const wide = { width: 300, height: 100, data: new Uint8Array(90_000).fill(200) };
    const bytes = await encodePng(wide);
    expect(await readImageInfo(await makeThumbnail(bytes, 60))).toEqual({
      format: 'webp',
      width: 60,
      height: 20,
    });
    expect(await readImageInfo(await makeThumbnail(bytes, 2000))).toMatchObject({ width: 300, height: 100 });
    expect(await readImageInfo(await makeThumbnail(await golden('flag-exif6.jpg'), 12))).toMatchObject({
      width: 12,
      height: 8,
    });
  });

  it('refuses a size that is none', async () => {
    await expect(makeThumbnail(await golden('flag.png'), 0)).rejects.toMatchObject({
      code: 'IMAGE_ARGUMENT',
    });
  });
});

describe('resizeImage', () => {
  it('enlarges by repeating pixels with the nearest kernel', async () => {
    const pair = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 200, 210, 220) };
    const big = await resizeImage(pair, 4, 2, 'nearest');
    expect([pixel(big, 1, 1), pixel(big, 2, 0)]).toEqual([
      [10, 20, 30],
      [200, 210, 220],
    ]);
  });

  it('refuses pixels that do not fill the size', async () => {
    const short = { width: 4, height: 4, data: new Uint8Array(10) };
    await expect(resizeImage(short, 2, 2)).rejects.toThrow(/expected 4×4×3 = 48 bytes of pixels, got 10/);
  });
});

describe('a wish for fewer pixels', () => {
  it('shrinks while reading, keeping proportions, and never enlarges', async () => {
    const bytes = await encodePng(gradient(600, 300));
    const opened = await openImage(bytes);
    expect(opened.decodingPixels).toBe(180_000);
    const small = await opened.decode({ side: 100 });
    expect([small.width, small.height]).toEqual([100, 50]);
    const whole = await opened.decode({ side: 1000 });
    expect([whole.width, whole.height]).toEqual([600, 300]);
    expect(Buffer.compare(whole.data, (await decodeImage(bytes)).data)).toBe(0);
  });

  it('takes a part of the upright picture', async () => {
    const opened = await openImage(await golden('flag-exif6.jpg'));
    const whole = await opened.decode();
    const box = { left: 3, top: 5, width: 8, height: 9 };
    const part = await opened.decode({ box });
    expect([part.width, part.height]).toEqual([8, 9]);
    for (let y = 0; y < box.height; y++) {
      const row = whole.data.subarray(((box.top + y) * whole.width + box.left) * 3).subarray(0, 24);
      expect(Buffer.compare(part.data.subarray(y * 24, y * 24 + 24), row), `row ${y}`).toBe(0);
    }
  });
});

/** Each pixel another colour than its neighbours. */
function gradient(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7) % 251;
  return { width, height, data };
}
