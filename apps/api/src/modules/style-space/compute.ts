import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImage, type RgbImage, trimPaper } from '@freestyle/core';
import { largeMap } from '@freestyle/core/evaluation';
import {
  type CuratedStyles,
  type FeatureMatrix,
  fitCurated,
  openStyleExtractor,
  type StyleExtractor,
  scoreClusterCounts,
} from '@freestyle/core/style-space';
import type { ComputeRun, ComputeTask } from '../../platform/jobs/compute-task.js';
import { openKeptRows, readKeptRows } from './kept-rows.js';
import type { ListedPicture } from './list-pictures.js';
import { type Evidence, evidenceRange, FEWEST_PICTURES } from './options.js';

export interface BuildInput {
  /** The list of pictures lies here, and the features as they are made. */
  readonly folder: string;
  /** Rows of meaning, one for each picture. */
  readonly meaning: { readonly file: string; readonly width: number };
  readonly requestedK: number | null;
  readonly seed: number;
}

export interface BuildOutput {
  readonly extractorHash: string;
  /** Places in the list of the pictures that could be read; everything below has a row for each of them. */
  readonly kept: Int32Array;
  readonly features: FeatureMatrix;
  readonly styles: CuratedStyles;
  readonly evidence: Evidence | null;
  readonly styleMap: Float32Array;
  readonly meaningMap: Float32Array;
}

/** Steps of the last part, beside the pictures: what the progress of fitting and drawing counts as. */
export const fitSteps = (pictures: number): number => Math.ceil(pictures / 2);

/** Style features of every picture, evidence, clusters and both maps. Features are kept as they are made: killed, it goes
 *  on. */
export const compute: ComputeTask<BuildInput, BuildOutput> = async (input, run) => {
  const pictures = JSON.parse(await readFile(join(input.folder, 'pictures.json'), 'utf8')) as ListedPicture[];
  const extractor = await openStyleExtractor({ threads: run.threads });
  const file = join(input.folder, `features-${extractor.hash.slice(0, 12)}.f32`);
  try {
    await extract(extractor, pictures, file, run);
  } finally {
    await extractor.close();
  }
  const all = await readKeptRows(file);
  const meaning = await readKeptRows(input.meaning.file);
  const { width } = extractor;
  const kept = Int32Array.from(pictures.keys()).filter(
    (at) => !Number.isNaN(all[at * width]) && !Number.isNaN(meaning[at * input.meaning.width]),
  );
  if (kept.length < FEWEST_PICTURES)
    throw new Error(`Only ${kept.length} pictures could be read; a style space needs ${FEWEST_PICTURES}.`);
  const features = { data: pick(all, kept, width), rows: kept.length, columns: width };
  const styles = Array.from(kept, (at) => pictures[at]?.style ?? null);
  const steps = stepper(pictures.length, run);
  run.say('Weighing how many clusters there are');
  const evidence = await gather(features, styles, input, run, steps);
  const k = input.requestedK ?? evidence?.suggested ?? 1;
  const fitted = fitCurated(features, { k, seed: input.seed, styles });
  run.say('Drawing the maps');
  const options = { seed: input.seed, signal: run.signal };
  const styleMap = await largeMap(
    { data: features.data, rows: features.rows, dimensions: width },
    { ...options, onProgress: (done, total) => steps(0.4 + (0.3 * done) / total) },
  );
  const meaningMap = await largeMap(
    { data: pick(meaning, kept, input.meaning.width), rows: kept.length, dimensions: input.meaning.width },
    { ...options, onProgress: (done, total) => steps(0.7 + (0.3 * done) / total) },
  );
  return { extractorHash: extractor.hash, kept, features, styles: fitted, evidence, styleMap, meaningMap };
};

const BATCH = 16;

async function extract(
  extractor: StyleExtractor,
  pictures: readonly ListedPicture[],
  file: string,
  run: ComputeRun,
): Promise<void> {
  const rows = await openKeptRows(file, extractor.width);
  const total = 2 * pictures.length + fitSteps(pictures.length);
  try {
    if (rows.count > 0) run.log(`${rows.count} style features were kept by the run before.`);
    for (let from = rows.count; from < pictures.length; from += BATCH) {
      run.signal.throwIfAborted();
      const batch = pictures.slice(from, from + BATCH);
      const images = await Promise.all(batch.map((picture) => read(picture, run)));
      const readable = images.filter((image) => image !== null);
      const features = readable.length === 0 ? [] : await extractor.features(readable);
      let next = 0;
      await rows.add(images.map((image) => (image === null ? null : (features[next++] ?? null))));
      await run.progress(pictures.length + from + batch.length, total);
    }
  } finally {
    await rows.close();
  }
}

async function read(
  { path, isQuery, itemId, contentHash }: ListedPicture,
  run: ComputeRun,
): Promise<RgbImage | null> {
  try {
    if (path === null) throw new Error('its file is not in the store');
    const image = await decodeImage(await readFile(path));
    // As a search reads it: where on the paper a sketch was drawn says little.
    return isQuery ? trimPaper(image) : image;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    run.log(
      `${isQuery ? 'query' : 'photo'} ${itemId} (${contentHash.slice(0, 12)}) is left out: ${why}`,
      'warn',
    );
    return null;
  }
}

async function gather(
  features: FeatureMatrix,
  styles: readonly (string | null)[],
  { seed }: BuildInput,
  { signal }: ComputeRun,
  steps: (share: number) => Promise<void>,
): Promise<Evidence | null> {
  const { from, to } = evidenceRange(features.rows);
  const { suggested, scores } = await scoreClusterCounts(features, {
    ...{ from, to, seed, styles, signal },
    onProgress: (done, total) => steps((0.4 * done) / total),
  });
  return { suggested, scores: [...scores] };
}

/** Progress of the last part, as a share of it. */
const stepper = (pictures: number, run: ComputeRun) => (share: number) =>
  run.progress(2 * pictures + Math.floor(share * fitSteps(pictures)), 2 * pictures + fitSteps(pictures));

function pick(data: Float32Array, rows: Int32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [to, from] of rows.entries())
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  return out;
}
