import {
  decodeImage,
  encodeJpeg,
  encodeWebp,
  hashDistance,
  perceptualHash,
  resizeImage,
} from '@freestyle/core/image';
import { expect, it } from 'vitest';
import { makeScene } from './scene-maker.js';

it('the perceptual hash stays nearly the same when a picture is resized, re-encoded or brightened, and differs between pictures', async () => {
  const scenes = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => (await makeScene(i + 1)).image),
  );
  const hashes = scenes.map(perceptualHash);
  for (const [i, scene] of scenes.entries()) {
    const own = hashes[i] ?? 0n;
    const versions = {
      'half as large': await resizeImage(scene, 128, 128),
      'larger, other shape': await resizeImage(scene, 700, 512),
      'JPEG of quality 40': await decodeImage(await encodeJpeg(scene, 40)),
      'WebP of quality 40': await decodeImage(await encodeWebp(scene, 40)),
      brighter: { ...scene, data: scene.data.map((value) => Math.min(255, value + 12)) },
    };
    for (const [what, version] of Object.entries(versions)) {
      expect(hashDistance(own, perceptualHash(version)), `scene ${i}, ${what}`).toBeLessThanOrEqual(8);
    }
  }
  const pairs = hashes.flatMap((a, i) => hashes.slice(i + 1).map((b) => hashDistance(a, b)));
  expect(Math.min(...pairs)).toBeGreaterThan(10);
  expect(pairs.reduce((sum, bits) => sum + bits, 0) / pairs.length).toBeGreaterThan(22);
});
