import { EvaluationError } from './embedding-matrix.js';

/** A figure of merit of one query, in [0, 1], from the ranks of all its relevant photos in the full gallery. */
export interface Metric {
  /** As written in reports, e.g. `hit@5`. */
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** @param ranks 1-based, ascending, one for each relevant photo, at least one. */
  compute(ranks: ArrayLike<number>): number;
}

type MetricFamily = (k: number) => Metric;

function countUpTo(ranks: ArrayLike<number>, k: number): number {
  let count = 0;
  while (count < ranks.length && (ranks[count] as number) <= k) count++;
  return count;
}

/** Is any relevant photo among the first k. Papers on this task print it as "R@k". */
const hitAtK: MetricFamily = (k) => ({
  name: `hit@${k}`,
  formula: '1 if min(rank of a relevant photo) ≤ k, else 0',
  source: 'success@k of trec_eval; the "R@k" of cross-modal retrieval papers',
  compute: (ranks) => (countUpTo(ranks, k) > 0 ? 1 : 0),
});

/** What share of all the relevant photos is among the first k. Equal to hit@k only where one photo is relevant. */
const recallAtK: MetricFamily = (k) => ({
  name: `recall@${k}`,
  formula: '|{relevant with rank ≤ k}| / |relevant|',
  source: 'Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, section 8.3',
  compute: (ranks) => countUpTo(ranks, k) / ranks.length,
});

/** What share of the first k is relevant; places past the end of the gallery count as not relevant, as in trec_eval. */
const precisionAtK: MetricFamily = (k) => ({
  name: `precision@${k}`,
  formula: '|{relevant with rank ≤ k}| / k',
  source: 'P_k of trec_eval; Manning, Raghavan and Schütze 2008, section 8.4',
  compute: (ranks) => countUpTo(ranks, k) / k,
});

/** Average precision of the first k places, over all the relevant: what a list cut at k can earn. */
const averagePrecisionAtK: MetricFamily = (k) => ({
  name: `map@${k}`,
  formula: '1/|relevant| · Σ_{rank_j ≤ k} j / rank_j',
  source: 'map_cut_k of trec_eval',
  compute: (ranks) => precisionSum(ranks, countUpTo(ranks, k)) / ranks.length,
});

/** Reciprocal rank where the list is cut at k: 0 past it. */
const reciprocalRankAtK: MetricFamily = (k) => ({
  name: `mrr@${k}`,
  formula: '1 / min(rank of a relevant photo) where that is ≤ k, else 0',
  source: 'recip_rank of trec_eval on a run of k lines a query',
  compute: (ranks) => ((ranks[0] as number) <= k ? 1 / (ranks[0] as number) : 0),
});

/** Σ j / rank_j over the first `count` relevant photos. */
function precisionSum(ranks: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += (j + 1) / (ranks[j] as number);
  return sum;
}

/** Binary gain. With 0/1 gains the linear (Järvelin and Kekäläinen) and exponential (Burges) variants are one. */
const ndcgAtK: MetricFamily = (k) => ({
  name: `ndcg@${k}`,
  formula: 'Σ_{rank ≤ k} 1/log2(rank + 1), divided by the same sum for the ranks 1 … min(k, |relevant|)',
  source:
    'Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002 (discount log2(rank + 1))',
  compute: (ranks) => {
    let gain = 0;
    let ideal = 0;
    const found = countUpTo(ranks, k);
    for (let i = 0; i < found; i++) gain += 1 / Math.log2((ranks[i] as number) + 1);
    for (let i = 0; i < Math.min(k, ranks.length); i++) ideal += 1 / Math.log2(i + 2);
    return gain / ideal;
  },
});

/** Reciprocal rank of the first relevant photo; its mean over queries is MRR. Not cut at any depth. */
const reciprocalRank: Metric = {
  name: 'mrr',
  formula: '1 / min(rank of a relevant photo)',
  source: 'Voorhees, The TREC-8 question answering track report, 1999',
  compute: (ranks) => 1 / (ranks[0] as number),
};

/** Average precision over the whole gallery, not interpolated; its mean over queries is mAP. */
const averagePrecision: Metric = {
  name: 'map',
  formula: '1/|relevant| · Σ_j j / rank_j, rank_j the place of the j-th relevant photo',
  source: 'map of trec_eval (not interpolated, not cut)',
  compute: (ranks) => precisionSum(ranks, ranks.length) / ranks.length,
};

const families = new Map<string, MetricFamily>(
  Object.entries({
    hit: hitAtK,
    recall: recallAtK,
    precision: precisionAtK,
    ndcg: ndcgAtK,
    map: averagePrecisionAtK,
    mrr: reciprocalRankAtK,
  }),
);
const single = new Map<string, Metric>(Object.entries({ mrr: reciprocalRank, map: averagePrecision }));

/** Reported where one photo is meant (recall@k would equal hit@k there, so it is left out). */
export const INSTANCE_METRICS = ['hit@1', 'hit@5', 'hit@10', 'mrr'] as const;
/** Reported where every photo of a class is relevant. */
export const CLASS_METRICS = [...INSTANCE_METRICS, 'recall@10', 'map', 'ndcg@10'] as const;

/** The metric of a name: `hit@k`, `recall@k`, `precision@k`, `ndcg@k`, `map@k`, `mrr@k` for a whole k ≥ 1, `mrr`, `map`.
 *  @throws {EvaluationError} for any other name. */
export function metricByName(name: string): Metric {
  const known = single.get(name);
  if (known !== undefined) return known;
  const [, family = '', k = ''] = /^([a-z]+)@([1-9]\d*)$/.exec(name) ?? [];
  const make = families.get(family);
  if (make === undefined) {
    throw new EvaluationError(
      'EVALUATION_METRIC_UNKNOWN',
      `No metric is called "${name}"; expected hit@k, recall@k, precision@k, ndcg@k, map@k, mrr@k (k = 1, 2, …), mrr or map.`,
    );
  }
  return make(Number(k));
}

/** Whether a metric follows from the rank of the first relevant photo alone. */
export const followsFromFirstRank = (name: string): boolean => /^(hit@\d+|mrr(@\d+)?)$/.test(name);
