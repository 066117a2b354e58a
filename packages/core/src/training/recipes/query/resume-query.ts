import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { CheckpointError, loadCheckpoint, OtherRunError, saveCheckpoint } from '../../checkpoint.js';
import { hashParameters } from '../../hash-parameters.js';
import { describeRecords, parseSettings, type RunSettings, settingsDifference } from '../../run-settings.js';
import type { QueryRunOptions } from './run-query-training.js';
import type { EpochReport } from './train-query.js';

/** Which run a checkpoint belongs to. */
export interface RunIdentity {
  readonly settings: RunSettings;
  /** The data by content, so that folders may move; empty where no version of it is known. */
  readonly data: string;
}

/** Hashes of what stays frozen, told apart so that a refusal can say which of them is another. */
export function frozenHashes(backbone: ParameterMap): { readonly backbone: string; readonly style: string } {
  const hashOf = (isStyle: boolean) =>
    hashParameters(new Map([...backbone].filter(([name]) => name.startsWith('style.') === isStyle)));
  return { backbone: hashOf(false), style: hashOf(true) };
}

/** All that decides the weights of a run, but its data by content. */
export function runIdentity(options: QueryRunOptions, frozen: ReturnType<typeof frozenHashes>): RunIdentity {
  const { tuning, clusters, seed, epochs, stepsPerEpoch, batch, peakRate, tower, versions = [] } = options;
  return {
    settings: {
      ...frozen,
      reads: { size: tower.size, preprocessing: tower.preprocessing },
      ...{ tuning, clusters, styleSize: options.styleSize ?? null },
      initial: options.initial ? hashParameters(options.initial) : null,
      train: describeRecords(options.train),
      validation: options.unvalidated ? null : describeRecords(options.validation),
      validationPerStyle: options.validationPerStyle ?? null,
      ...{ seed, pictureSeed: options.pictureSeed ?? seed, perPhoto: options.perPhoto },
      ...{ epochs, stepsPerEpoch, batch, peakRate, patience: options.patience },
      ...{ loss: options.loss ?? 'infonce', keep: options.keep ?? 0 },
    },
    data: versions.map(({ hash }) => hash?.slice(0, 12) ?? 'with missing pictures').join(', '),
  };
}

const BEST = 'best/';

/** The best epoch's weights travel in the same file, without moments. */
export async function saveResume(
  path: string,
  weights: ReadonlyMap<string, Parameter>,
  report: EpochReport,
  { settings, data }: RunIdentity,
): Promise<void> {
  const learned = [...weights].filter(([name]) => name.startsWith('query.'));
  const kept = [...report.best.weights].map(([name, data]): [string, Parameter] => [
    BEST + name,
    { shape: weights.get(name)?.shape ?? [data.length], data },
  ]);
  await saveCheckpoint(path, {
    parameters: new Map([...learned, ...kept]),
    state: report.state,
    meta: {
      epoch: report.epoch,
      bestEpoch: report.best.epoch,
      bestScore: report.best.score,
      settings: JSON.stringify(settings),
      data,
    },
  });
}

/** Reads what a run goes on from: the weights learnt so far, the optimiser's state and the best epoch.
 *  @throws {CheckpointError} for the checkpoint of another run. */
export async function readResume(path: string, own: RunIdentity) {
  const { parameters, state, meta } = await loadCheckpoint(path);
  const kept = parseSettings(String(meta.settings ?? '{}')) ?? {};
  const difference = settingsDifference(kept, own.settings);
  if (difference !== null) throw new OtherRunError(path, difference);
  // Runs whose data lay in no folder name none.
  if (meta.data && own.data && meta.data !== own.data) {
    throw new CheckpointError(
      path,
      `it belongs to a run on other data (version ${meta.data}), the folders now hold ${own.data}`,
    );
  }
  const learned = new Map<string, Parameter>();
  const best = new Map<string, Float32Array>();
  for (const [name, parameter] of parameters) {
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), parameter.data);
    else learned.set(name, parameter);
  }
  return {
    learned,
    epoch: Number(meta.epoch),
    state,
    best: { epoch: Number(meta.bestEpoch), score: Number(meta.bestScore), weights: best },
  };
}
