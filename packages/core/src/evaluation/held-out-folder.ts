import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dataset, ImageRecord } from '../datasets/dataset.js';
import { DatasetError } from '../datasets/dataset-error.js';
import { MANIFEST_NAME } from '../datasets/read-dataset-folder.js';
import { openDatasetWriter } from '../datasets/write-dataset-folder.js';
import { encodePng, readImage } from '../image/image-codec.js';
import { heldOutNames } from '../styles/held-out/held-out-makers.js';
import type { StyleMakerEntry } from '../styles/style-maker.js';
import { drawHeldOut, heldOutPlan } from './makers.js';

/** What a held-out folder was made of; another plan is another folder. */
export const HELD_OUT_PLAN = 'held-out.json';

export interface HeldOutFolderOptions {
  readonly seed?: number;
  /** Photos at most, spread evenly over the dataset; all when absent. */
  readonly photos?: number | undefined;
  readonly styles?: readonly StyleMakerEntry['style'][] | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Writes a dataset folder to judge models by: photos, and of each one picture in each style by a maker that no training
 *  sees, drawn by the seed. A folder that is whole already stays as it is; one that was left half-way goes on.
 *  @returns how many pictures it holds, and how many were drawn now.
 *  @throws {DatasetError} where the folder holds something else. @throws the signal's reason when it is aborted. */
export async function writeHeldOutFolder(
  dataset: Dataset,
  out: string,
  options: HeldOutFolderOptions = {},
): Promise<{ readonly pictures: number; readonly drawn: number }> {
  const { seed = 0, styles = ['art', 'sketch', 'lowres'], onProgress, signal } = options;
  const images = spread(dataset.images, options.photos ?? dataset.images.length);
  const total = images.length * styles.length;
  const plan = planOf(dataset, images, styles, seed);
  if (await alreadyThere(out, plan)) return { pictures: total, drawn: 0 };
  const writer = await openDatasetWriter(out);
  let done = 0;
  let drawn = 0;
  try {
    for (const image of images) {
      signal?.throwIfAborted();
      const { file, captions, attributes } = image;
      await writer.addImage({ file, captions, ...labels(image), attributes, copyFrom: image.path });
      for (const style of styles) {
        const how = heldOutPlan(file, style, seed);
        const name = `${style}/${file.replaceAll('/', '-')}.png`;
        const fresh = await drawOnce(join(out, name), image, how);
        if (fresh) drawn++;
        const { maker } = how;
        await writer.addQuery({ style, file: name, target: file, ...labels(image), attributes: { maker } });
        onProgress?.(++done, total);
      }
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { pictures: total, drawn };
}

const labels = ({ class: label, split }: ImageRecord) => ({
  ...(label === undefined ? {} : { class: label }),
  ...(split === undefined ? {} : { split }),
});

function spread<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] as T);
}

// `format` goes up when a maker draws otherwise than before.
function planOf(
  dataset: Dataset,
  images: readonly ImageRecord[],
  styles: readonly string[],
  seed: number,
): string {
  const makers = Object.fromEntries(
    styles.map((style) => [style, heldOutNames(style as StyleMakerEntry['style'])]),
  );
  const files = images.map(({ file }) => file);
  return `${JSON.stringify({ format: 1, of: dataset.name, seed, makers, files }, null, 1)}\n`;
}

async function alreadyThere(out: string, plan: string): Promise<boolean> {
  const kept = await readFile(join(out, HELD_OUT_PLAN), 'utf8').catch(() => null);
  const whole = await exists(join(out, MANIFEST_NAME));
  if (kept === plan) return whole;
  if (kept !== null || whole) {
    throw new DatasetError(
      'BAD_LAYOUT',
      `${out}: the folder holds ${kept === null ? 'a dataset of another kind' : 'held-out pictures of other photos, styles or another seed'}. Give an empty folder, or the seed and photos that it was made with.`,
      { out },
    );
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, HELD_OUT_PLAN), plan);
  return false;
}

/** Draws a picture that is not there yet; it appears whole or not at all. */
async function drawOnce(
  path: string,
  image: ImageRecord,
  how: ReturnType<typeof heldOutPlan>,
): Promise<boolean> {
  if (await exists(path)) return false;
  const picture = await encodePng(await drawHeldOut(await readImage(image.path), how));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, picture);
  await rename(`${path}.part`, path);
  return true;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
