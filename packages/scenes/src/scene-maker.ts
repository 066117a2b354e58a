import { openDatasetWriter } from '@freestyle/core/datasets';
import { encodeJpeg, encodePng, type RgbImage } from '@freestyle/core/image';
import { mosaic } from '@freestyle/core/styles';
import { describeScene, type SceneDescription } from './describe-scene.js';
import { renderScene } from './render-scene.js';

/** A made-up photo with its captions and its query pictures, all of the same 400 × 300 pixels. */
export interface Scene {
  readonly seed: number;
  readonly image: RgbImage;
  /** Two captions that name what is there: how many, which colour, where, when. */
  readonly captions: readonly [string, string];
  /** What the scene is about, in a word. */
  readonly class: string;
  readonly sketch: RgbImage;
  readonly cartoon: RgbImage;
  /** The 16-pixel mosaic of `image`. */
  readonly lowres: RgbImage;
}

/** Draws the scene of a seed: photo, sketch, cartoon and mosaic. Deterministic. */
export async function makeScene(seed: number): Promise<Scene> {
  return drawScene(describeScene(seed));
}

async function drawScene(scene: SceneDescription): Promise<Scene> {
  const [image, sketch, cartoon] = await Promise.all([
    renderScene(scene, 'photo'),
    renderScene(scene, 'sketch'),
    renderScene(scene, 'cartoon'),
  ]);
  const { seed, captions } = scene;
  return { seed, image, captions, class: scene.class, sketch, cartoon, lowres: mosaic(image, 16) };
}

export interface DemoGalleryOptions {
  /** Number of scenes; 300 unless told otherwise. */
  readonly count?: number;
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Writes a dataset folder of made-up scenes: photos with captions and classes, and for each a sketch, a cartoon and a
 *  low-res query. No two scenes have the same caption. One in five belongs to the split `val`, the rest to `train`.
 *  The manifest comes last, so an interrupted gallery is never taken for a whole one.
 *  @throws the signal's reason when it is aborted. */
export async function writeDemoGallery(dir: string, options: DemoGalleryOptions = {}): Promise<void> {
  const { count = 300, seed = 1, onProgress, signal } = options;
  const writer = await openDatasetWriter(dir);
  try {
    let done = 0;
    for (const description of distinctScenes(count, seed)) {
      signal?.throwIfAborted();
      const scene = await drawScene(description);
      const name = String(done + 1).padStart(4, '0');
      const file = `images/scene-${name}.jpg`;
      const labels = { class: scene.class, split: done % 5 === 4 ? 'val' : 'train' };
      await writer.addImage({
        file,
        bytes: await encodeJpeg(scene.image, 90),
        captions: scene.captions,
        ...labels,
        attributes: { seed: scene.seed, setting: description.settingName },
      });
      for (const style of ['sketch', 'cartoon', 'lowres'] as const) {
        const bytes = await encodePng(scene[style]);
        await writer.addQuery({ style, file: `${style}/scene-${name}.png`, bytes, target: file, ...labels });
      }
      done += 1;
      onProgress?.(done, count);
    }
    await writer.close();
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}

/** The first `count` scenes from a seed on whose captions differ from all before. */
export function* distinctScenes(count: number, seed: number): Generator<SceneDescription> {
  const seen = new Set<string>();
  for (let next = seed * 100_003; seen.size < count; next++) {
    const scene = describeScene(next);
    if (seen.has(scene.captions[0])) continue;
    seen.add(scene.captions[0]);
    yield scene;
  }
}
