import type { Dataset } from '../../../datasets/dataset.js';
import type { DatasetVersion } from '../../../datasets/dataset-version.js';
import type { ParameterCount } from '../../../freestyle/count-parameters.js';
import type { QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import type { ParameterMap } from '../../../nn/parameters.js';
import type { SessionOptions } from '../../../runtime/session.js';
import type { FitEvent } from '../../fit.js';
import type { QueryLoss } from './query-objective.js';
import type { SharedPictures } from './shared-pictures.js';

/** What the query pictures and the gallery of a run are made from. */
export interface QueryDataOptions {
  readonly tower: TunableImageTower;
  /** The frozen backbone and style space: `image.*`, `style.*`. */
  readonly backbone: ParameterMap;
  /** Query pictures and gallery vectors, shared by all runs on the same data. */
  readonly cache: string;
  readonly seed: number;
  /** Seed of the made query pictures, where runs of several seeds share them; the run's own when absent. */
  readonly pictureSeed?: number;
  /** Make a training picture only when a step draws it: a short run then makes a few of them. All beforehand when
   *  absent, so that a broken photo is told before the training. */
  readonly picturesOnDemand?: boolean;
  /** Made query pictures of each style and training photo. */
  readonly perPhoto: number;
  /** Validation queries of each style at most; all of them when absent. */
  readonly validationPerStyle?: number;
  /** Where a tower of this tuning encodes the gallery too, its pictures are kept beside the queries. */
  readonly tuning?: Tuning;
  readonly session: SessionOptions;
  /** Work on the data: made pictures, encoded photos. */
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

/** What is known of a run before its first step. */
export interface QueryRunStart {
  readonly count: ParameterCount;
  /** Pictures that stand in training and validation alike. */
  readonly shared: SharedPictures;
}

export interface QueryRunOptions extends Omit<QueryDataOptions, 'tuning'>, QueryTowerShape {
  /** Learned weights (`query.*`) of an earlier run to begin with, instead of fresh ones. */
  readonly initial?: ParameterMap;
  readonly train: readonly Dataset[];
  readonly validation: readonly Dataset[];
  /** Of the folders that the datasets come from, to be named in the metrics. */
  readonly versions?: readonly DatasetVersion[];
  /** Checkpoint and metrics; a killed run goes on from there. */
  readonly work: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batch: number;
  readonly peakRate: number;
  readonly patience: number;
  readonly loss?: QueryLoss;
  /** Weight of staying near the untrained tower on photos and paintings. */
  readonly keep?: number;
  /** Leave validation and its pictures out: the last epoch's weights stay. */
  readonly unvalidated?: boolean;
  /** Keep the best trained weights even where the start was better: for runs that are only compared. */
  readonly compared?: boolean;
  readonly signal?: AbortSignal;
  readonly onStart?: (start: QueryRunStart) => void;
  readonly onEvent?: (event: FitEvent) => void | Promise<void>;
}
