import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readImage } from '../../../image/image-codec.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { createTowerSession } from '../../../models/tower-sessions.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { atomicWrite } from '../../../weights/atomic-write.js';
import { hashContent } from '../../../weights/hash-file.js';
import { hashParameters } from '../../hash-parameters.js';
import { fileStamps } from './file-stamps.js';

const BATCH = 16;

/** Unit vectors of photos by the frozen backbone: `[photos, embedding]`. */
export async function galleryVectors(
  weights: ParameterMap,
  tower: TunableImageTower,
  paths: readonly string[],
  options: SessionOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const session = await createTowerSession(weights, tower, options);
  const vectors = new Float32Array(paths.length * tower.embedding);
  try {
    for (let start = 0; start < paths.length; start += BATCH) {
      const part = paths.slice(start, start + BATCH);
      const pictures = await Promise.all(part.map(async (path) => tower.fit(await readImage(path))));
      const { embedding } = await session.run({ pixels: pixelBatch(pictures, tower.size) });
      vectors.set((embedding?.data as Float32Array | undefined) ?? [], start * tower.embedding);
      onProgress?.(start + part.length, paths.length);
    }
    return vectors;
  } finally {
    await session.close();
  }
}

/** {@link galleryVectors}, kept in a folder: every run beside the same backbone and photos reads them from there.
 *  The file is named after both, so another backbone, another list of photos or other
 *  files under the same names never find them. */
export async function keptGalleryVectors(
  folder: string,
  weights: ParameterMap,
  tower: TunableImageTower,
  paths: readonly string[],
  options: SessionOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const frozen = new Map([...weights].filter(([name]) => name.startsWith('image.')));
  // The same vision transformer may be given pictures in more than one way; the small tower has only its own.
  const given = tower.stem.length > 0 ? [] : [tower.preprocessing];
  const stamps = await fileStamps(paths);
  const photos = paths.map((path) => [path, stamps.get(path)]);
  const key = hashContent(JSON.stringify([hashParameters(frozen), tower.size, photos, ...given])).slice(
    0,
    16,
  );
  const path = join(folder, `gallery-${key}.f32`);
  const kept = await readFile(path).catch(() => null);
  if (kept?.length === paths.length * tower.embedding * 4) {
    return new Float32Array(kept.buffer.slice(kept.byteOffset, kept.byteOffset + kept.byteLength));
  }
  const vectors = await galleryVectors(weights, tower, paths, options, onProgress);
  await mkdir(folder, { recursive: true });
  await atomicWrite(path, async (file) => {
    await file.writeFile(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
  });
  return vectors;
}
