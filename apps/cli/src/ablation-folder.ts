import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, DatasetVersion } from '@freestyle/core/datasets';
import { type EvaluationSet, parseReportJson } from '@freestyle/core/evaluation';
import type { FrozenBackbone, StyleBundle } from '@freestyle/core/models';
import { describeRecords, fileStamps, hashParameters, keepSettings } from '@freestyle/core/training';
import { hashContent } from '@freestyle/core/weights';
import { type AblateFlags, type AblationRun, runFolder } from './ablation-grid.js';
import { CliError } from './cli-error.js';

/** What every run of a grid is trained and evaluated on. */
export interface AblationData {
  readonly base: FrozenBackbone;
  readonly train: readonly Dataset[];
  readonly validation: readonly Dataset[];
  /** Of the folders that both come from. */
  readonly versions: readonly DatasetVersion[];
  readonly sets: readonly EvaluationSet[];
}

export const seedFolder = ({ out }: AblateFlags, run: AblationRun, seed: number): string =>
  join(out, runFolder(run.name), `seed-${seed}`);

export const bundleFolder = (flags: AblateFlags, run: AblationRun, seed: number): string =>
  join(seedFolder(flags, run, seed), 'bundle');

export const reportPath = (flags: AblateFlags, run: AblationRun, seed: number, set: EvaluationSet): string =>
  join(seedFolder(flags, run, seed), `${set.name}.json`);

/** A folder of an earlier grid with other settings or other data is never mixed into this one.
 *  @param style the style space given to the run, before clusters are fitted anew; null for a run without training. */
export async function requireSameSettings(
  run: AblationRun,
  seed: number,
  { base, train, validation, versions, sets }: AblationData,
  style: StyleBundle | null,
  flags: AblateFlags,
): Promise<void> {
  const { epochs, steps, batch, patience, perPhoto, trainSplit, valSplit, valQueries } = flags;
  const settings = {
    pictures: flags.seed,
    backbone: base.hash,
    data: versions.map(({ name, hash }) => `${name} ${hash?.slice(0, 12) ?? 'with missing pictures'}`),
    validation: describeRecords(validation),
    ...{ valSplit, valQueries: valQueries ?? null },
    ...(style && {
      tuning: run.tuning,
      k: run.k ?? null,
      keep: run.keep ?? 0,
      style: { ...style, weights: hashParameters(style.weights) },
      train: describeRecords(train),
      ...{ seed, epochs, steps, batch, patience, perPhoto, trainSplit },
    }),
  };
  const path = join(seedFolder(flags, run, seed), 'settings.json');
  const results = [bundleFolder(flags, run, seed), ...sets.map((set) => reportPath(flags, run, seed, set))];
  await keepSettings(path, settings, results.some(existsSync), (difference) => {
    const remedy = 'give another --out, or remove the folder';
    return new CliError(`${path}: this run was made with other settings (${difference}); ${remedy}.`);
  });
}

/** The pictures of a dataset by content: its version, or what tells changed files where a missing one leaves it none. */
export async function contentOf({ images, queries }: Dataset, version: DatasetVersion | undefined) {
  if (version?.hash) return version.hash;
  const paths = [...images, ...queries].flatMap((record) => ('path' in record ? record.path : []));
  return hashContent(JSON.stringify([...(await fileStamps(paths))]));
}

/** Whether a report is there, whole, and of the very data that is evaluated now. */
export async function hasReport(path: string, set: EvaluationSet): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return false;
  try {
    return (parseReportJson(text, path).datasetVersion?.hash ?? null) === (set.version?.hash ?? null);
  } catch {
    return false;
  }
}
