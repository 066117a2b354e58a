import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeImage, makeThumbnail, readImageInfo } from './image-codec.js';
import { sniffFormat } from './sniff-format.js';
import { readTiffLayout } from './tiff-layout.js';

const golden = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../golden/image/${name}`, import.meta.url));

describe('a TIFF', () => {
  it('tells the size of its largest picture, and its thumbnail is made of that', async () => {
    for (const name of ['flag-after-thumbnail.tif', 'flag-below-thumbnail.tif', 'flag-float.tif']) {
      const bytes = await golden(name);
      expect(await readImageInfo(bytes), name).toMatchObject({ format: 'tiff', width: 24, height: 16 });
      const small = await decodeImage(await makeThumbnail(bytes, 24));
      expect([small.width, small.height], name).toEqual([24, 16]);
      // The flag's bottom row holds red at the left: a black thumbnail has none.
      expect(Math.max(...small.data), name).toBeGreaterThan(200);
    }
  });

  it('of numbers that are no brightness is refused, with their range', async () => {
    await expect(decodeImage(await golden('numbers-float.tif'))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringMatching(/samples run from -9\d+ to 9\d+/),
    });
    await expect(decodeImage(await golden('flag-double.tif'))).rejects.toMatchObject({
      code: 'UNSUPPORTED_FORMAT',
      message: expect.stringMatching(/64 bits; convert it to 8 or 16 bits/),
    });
  });

  it('over the limit of pixels is refused before its floats are read', async () => {
    await expect(decodeImage(await golden('flag-float.tif'), { maxPixels: 100 })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('whose directories run in circles or out of the file is no hang and no crash', async () => {
    const circle = Uint8Array.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
    expect(readTiffLayout(circle)).toEqual({ pictures: [], cameraRaw: null });
    const outside = Uint8Array.from([0x49, 0x49, 0x2a, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(readTiffLayout(outside)).toBeNull();
    for (const bytes of [circle, outside]) {
      await expect(decodeImage(bytes)).rejects.toMatchObject({
        code: expect.stringMatching(/CORRUPT|TRUNCATED/),
      });
    }
  });
});

describe('a camera raw file', () => {
  it.each([
    ['raw-dng.tif', /camera raw file \(DNG\)/],
    ['raw-nef.tif', /camera raw file \(NEF\)/],
  ])('%s is refused as such, never taken as its preview', async (name, message) => {
    const bytes = await golden(name);
    await expect(decodeImage(bytes)).rejects.toMatchObject({
      code: 'CAMERA_RAW',
      message: expect.stringMatching(message),
    });
    await expect(makeThumbnail(bytes, 64)).rejects.toMatchObject({ code: 'CAMERA_RAW' });
  });

  it.each([
    ['FUJIFILMCCD-RAW 0201', 'raf'],
    ['IIU\0\u0018\0\0\0', 'rw2'],
    ['IIRO\b\0\0\0', 'orf'],
    ['\0\0\0\u0018ftypcrx \0\0\0\u0001', 'cr3'],
    ['FOVb\0\0\u0002\0', 'x3f'],
  ])('%j is known by its first bytes', async (head, format) => {
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(64)]);
    expect(sniffFormat(bytes)).toEqual({ kind: 'raw', format });
    await expect(decodeImage(bytes)).rejects.toMatchObject({ code: 'CAMERA_RAW' });
  });
});
