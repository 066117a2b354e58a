import type { DatasetVersion } from '../datasets/dataset-version.js';
import type { ScoreCalibration, StyleReport } from '../models/embedding-model.js';
import type { BrokenPicture, QueryEncoder } from './encode-set.js';
import type { Interval } from './estimates.js';
import type { EvaluationLevel } from './evaluation-set.js';
import type { PaperProtocolResult } from './paper-protocol.js';
import type { RankedPhoto } from './ranking.js';

/** The ranks of one query, and the head of its list. */
export interface QueryResult {
  readonly id: string;
  /** Its identity by content: the same in every run. */
  readonly key: string;
  /** Ids of the queries of the set that it is made of: its own, or one for each part of a mixed query. */
  readonly parts: readonly string[];
  /** What the query tower saw in it; null for a text, a mixed query, or a tower without a style path. */
  readonly seen: StyleReport | null;
  /** Queries of one cluster share a target. */
  readonly cluster: string;
  /** The class that is meant, of the query or of its target; null where neither has one. */
  readonly className: string | null;
  /** By what else figures can be sliced. */
  readonly slices: Readonly<Record<string, string>>;
  /** What it counts for in means. */
  readonly weight: number;
  /** 1-based, ascending, one for each relevant photo; ties decided against the query. */
  readonly ranks: Int32Array;
  readonly tied: boolean;
  /** Gallery rows. */
  readonly relevant: readonly number[];
  readonly top: readonly RankedPhoto[];
}

/** Means over the queries of one style, with 95 % intervals, and what they were made from. */
export interface Figures extends Summary {
  readonly level: EvaluationLevel;
  /** Queries whose target or class is not in the gallery; left out of every figure. */
  readonly skipped: number;
  readonly results: readonly QueryResult[];
}

/** The figures of a group of queries. */
export interface Summary {
  readonly queries: number;
  /** Independent units among them: targets. */
  readonly units: number;
  /** Fewer units than a figure can be trusted with. */
  readonly tooFew: boolean;
  /** Queries whose ranks were decided by the tie rule. */
  readonly tied: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly ci95: Readonly<Record<string, Interval>>;
}

/** One style. `figures` are at instance level where its queries name their photo, else at class level; where they do
 *  both, `byClass` has the class level as well. */
export interface StyleEvaluation {
  readonly style: string;
  readonly figures: Figures;
  readonly byClass: Figures | null;
  /** Cosine of the queries with photos that are not relevant. */
  readonly calibration: ScoreCalibration;
}

/** Queries of a style at a level where none of them has a relevant photo, so that there are no figures. */
export interface UnansweredQueries {
  readonly style: string;
  /** Null where they name neither a photo nor a class. */
  readonly level: EvaluationLevel | null;
  readonly queries: number;
}

/** What fusing two parts brings over the better one alone, query by query. */
export interface FusionGain {
  readonly metric: string;
  /** Style of the part that is better by this metric; chosen on the same queries, which is hard on the fused one. */
  readonly better: string;
  readonly fused: number;
  readonly alone: number;
  /** fused − alone. */
  readonly difference: number;
  readonly ci95: Interval;
  /** Two-sided paired randomisation test, whole targets change sign. */
  readonly p: number;
  /** Holm-adjusted over the pairs and metrics of the report. */
  readonly pHolm: number;
}

/** Two styles fused, on the photos (or classes) that have queries in both, beside each part on the very same queries. */
export interface MixedEvaluation {
  readonly name: string;
  readonly mixed: Figures;
  readonly parts: readonly { readonly style: string; readonly figures: Figures }[];
  readonly gains: readonly FusionGain[];
}

/** The queries that one cluster of the style space weighs most in. */
export interface ClusterEvaluation {
  /** Its name; with ` (class)` at class level. */
  readonly cluster: string;
  readonly figures: Figures;
}

/** Everything that one evaluation found. Figures are over the full gallery unless their protocol says otherwise. */
export interface EvaluationReport {
  readonly model: string;
  readonly spaceHash: string;
  readonly queryHash: string;
  readonly queryEncoder: QueryEncoder;
  /** Who encoded the photos: the frozen backbone, or in the symmetric mode the tuned tower. */
  readonly galleryEncoder: QueryEncoder;
  readonly dataset: string;
  readonly split: string | null;
  /** Null where the data lay in no folder. */
  readonly datasetVersion: DatasetVersion | null;
  readonly protocol: 'full-gallery';
  /** Photos in the gallery. */
  readonly gallery: number;
  /** Photo ids by gallery row. */
  readonly photoIds: readonly string[];
  readonly seed: number;
  /** How the evaluation was asked for: everything that decides its figures. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Pictures that could not be read, and so are in no figure. */
  readonly broken: readonly BrokenPicture[];
  readonly styles: readonly StyleEvaluation[];
  /** Levels of styles that could not be evaluated; such a style is not among `styles` where it has no other level. */
  readonly unanswered: readonly UnansweredQueries[];
  readonly mixed: readonly MixedEvaluation[];
  /** By the cluster of the style space that weighs most in the query; empty for a model without a style path. */
  readonly clusters: readonly ClusterEvaluation[];
  /** By style: our reading of the paper's protocol, and the released evaluator to the letter. */
  readonly paperProtocol: Readonly<Record<string, PaperProtocolResult>>;
  readonly releasedProtocol: Readonly<Record<string, PaperProtocolResult>>;
}
