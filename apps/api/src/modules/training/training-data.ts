import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Dataset, encodePng, isTextQuery, type QueryRecord } from '@freestyle/core';
import { datasetEvaluationSet, isUnseenStyle, withUnseenMakers } from '@freestyle/core/evaluation';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import type { TrainingSettings } from './settings.js';

export interface TrainingData {
  readonly train: Dataset;
  readonly validation: Dataset;
  /** How validation photos were told from the others, in words. */
  readonly heldOut: string;
}

/** Fewer cannot be learned from, or told apart. */
const FEWEST = { train: 4, validation: 3 } as const;
/** One photo in so many, where a dataset has no split for validation. */
const EVERY = 5;

/** Splits a version into what is learned from and what it is judged by. Without a split of the wanted name, a fifth of the
 *  photos is held out by the hash of their content: the same ones in every run.
 *  @throws {JobFailure} for too few photos on either side. */
export function splitData(
  dataset: Dataset,
  settings: Pick<TrainingSettings, 'trainSplit' | 'valSplit'>,
): TrainingData {
  const { trainSplit, valSplit } = settings;
  const bySplit = dataset.images.some(({ split }) => split === valSplit);
  const isHeldOut = ({ path }: { readonly path: string }) =>
    Number.parseInt(basename(path).slice(0, 8), 16) % EVERY === 0;
  const images = {
    train: dataset.images.filter((image) => (bySplit ? image.split === trainSplit : !isHeldOut(image))),
    validation: dataset.images.filter((image) => (bySplit ? image.split === valSplit : isHeldOut(image))),
  };
  const part = (name: 'train' | 'validation'): Dataset => {
    const files = new Set(images[name].map(({ file }) => file));
    const split = name === 'train' ? trainSplit : valSplit;
    const belongs = (query: QueryRecord) =>
      query.target === undefined ? bySplit && query.split === split : files.has(query.target);
    return { ...dataset, images: images[name], queries: dataset.queries.filter(belongs) };
  };
  for (const name of ['train', 'validation'] as const)
    if (images[name].length < FEWEST[name])
      throw new JobFailure(
        `There are ${images[name].length} photos for ${name === 'train' ? `training (split "${trainSplit}")` : `validation (split "${valSplit}")`}, expected at least ${FEWEST[name]}: give the photos splits, or take a larger dataset.`,
        { code: 'TOO_FEW_PHOTOS' },
      );
  return {
    train: part('train'),
    validation: part('validation'),
    heldOut: bySplit
      ? `splits "${trainSplit}" and "${valSplit}"`
      : `no split "${valSplit}": every fifth photo is held out, by the hash of its content`,
  };
}

export const readDataset = async (file: string): Promise<Dataset> =>
  JSON.parse(await readFile(file, 'utf8')) as Dataset;

/** Adds to a validation what makers drew that no training sees: styles of their own. Made pictures stay, so that a run
 *  which goes on makes none again. */
export async function withUnseen(
  validation: Dataset,
  folder: string,
  perStyle: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Dataset> {
  if (perStyle === 0) return validation;
  // Only photos: what people drew takes no part in this.
  const plain = datasetEvaluationSet({ ...validation, queries: validation.queries.filter(isTextQuery) });
  const made = withUnseenMakers(plain, { perStyle }).queries.filter(({ style }) => isUnseenStyle(style));
  await mkdir(folder, { recursive: true });
  const queries: QueryRecord[] = [];
  for (const [i, { style, target, content }] of made.entries()) {
    signal.throwIfAborted();
    const path = join(folder, `${i}.png`);
    if (!existsSync(path) && 'load' in content) {
      await writeFile(`${path}.part`, await encodePng(await content.load()));
      await rename(`${path}.part`, path);
    }
    queries.push({
      ...{ kind: 'query', style, file: `unseen-${i}`, path, attributes: {} },
      ...(target !== undefined && target !== null && { target }),
    });
    onProgress(i + 1, made.length);
  }
  return { ...validation, queries: [...validation.queries, ...queries] };
}
