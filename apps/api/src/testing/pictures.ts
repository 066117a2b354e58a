import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createRandom, encodeJpeg, encodePng, type RgbImage } from '@freestyle/core';

export type Colour = readonly [number, number, number];

export const COLOURS = {
  red: [230, 20, 20],
  green: [20, 200, 40],
  blue: [20, 40, 220],
  yellow: [240, 230, 30],
  white: [250, 250, 250],
  black: [5, 5, 5],
} as const satisfies Record<string, Colour>;

/** A picture of one colour. */
export function plain(colour: Colour, width = 32, height = 32): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3] ?? 0;
  return { width, height, data };
}

/** Patches of random colours: each seed another picture, none like another. */
export function patches(seed: number, size = 32): RgbImage {
  const random = createRandom(`patches ${seed}`);
  const cell = size / 4;
  const colours = Array.from({ length: 16 }, () => [0, 1, 2].map(() => random.integer(256)));
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const colour = colours[Math.floor(y / cell) * 4 + Math.floor(x / cell)] ?? [];
      for (let c = 0; c < 3; c++) data[(y * size + x) * 3 + c] = colour[c] ?? 0;
    }
  }
  return { width: size, height: size, data };
}

export const jpeg = (image: RgbImage): Promise<Uint8Array> => encodeJpeg(image, 92);
export const png = (image: RgbImage): Promise<Uint8Array> => encodePng(image);

/** An uncompressed TIFF, which few browsers draw: header, directory, pixels. */
export function tiff({ width, height, data }: RgbImage): Uint8Array {
  const SHORT = 3;
  const tags: readonly [tag: number, value: number][] = [
    [256, width],
    [257, height],
    [258, 8], // bits per sample
    [259, 1], // not compressed
    [262, 2], // RGB
    [273, 256], // where the pixels begin
    [277, 3], // samples per pixel
    [278, height], // rows of the one strip
    [279, data.length],
  ];
  const bytes = Buffer.alloc(256 + data.length);
  bytes.write('II*\0', 'latin1');
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, value], index) => {
    const at = 10 + 12 * index;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(SHORT, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt16LE(value, at + 8);
  });
  bytes.set(data, 256);
  return bytes;
}

/** Writes files under a folder; names may lead into folders below it. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** Writes `count` different JPEGs, `0000.jpg` and on. */
export async function writePatches(folder: string, count: number, from = 0): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = from; i < from + count; i++) {
    await writeFile(join(folder, `${String(i).padStart(4, '0')}.jpg`), await jpeg(patches(i)));
  }
}
