import type { ParameterMap } from '../../../nn/parameters.js';
import type { FitIdentity } from '../../fit-checkpoint.js';
import { hashParameters } from '../../hash-parameters.js';
import { describeRecords } from '../../run-settings.js';
import type { QueryRunOptions } from './query-run-options.js';

/** Hashes of what stays frozen, told apart so that a refusal can say which of them is another. */
export function frozenHashes(backbone: ParameterMap): { readonly backbone: string; readonly style: string } {
  const hashOf = (isStyle: boolean) =>
    hashParameters(new Map([...backbone].filter(([name]) => name.startsWith('style.') === isStyle)));
  return { backbone: hashOf(false), style: hashOf(true) };
}

/** All that decides the weights of a run, and its data by content. */
export function queryIdentity(
  options: QueryRunOptions,
  frozen: ReturnType<typeof frozenHashes>,
): FitIdentity {
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
      // What is drawn for a step depends on the step alone since version 2.
      draws: 2,
    },
    data: versions.map(({ hash }) => hash?.slice(0, 12) ?? 'with missing pictures').join(', '),
  };
}
