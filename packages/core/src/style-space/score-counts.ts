import { createRandom } from '../random.js';
import { clusterAgreement } from './cluster-agreement.js';
import { type FeatureMatrix, pickFeatureRows } from './feature-matrix.js';
import { kMeans } from './kmeans.js';
import { type ClusterCountScore, suggestClusterCount } from './suggest-clusters.js';

/** What speaks for one number of clusters. */
export interface ClusterCountEvidence extends ClusterCountScore {
  /** Share of the pictures whose cluster's commonest style is their own; null where no styles are known. It rises with K by itself. */
  readonly purity: number | null;
}

/** Pictures that the evidence is measured on at most: more change no figure by a hundredth, and cost minutes. */
const EVIDENCE_SAMPLE = 1500;

export interface EvidenceOptions {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  /** The real style of each picture, where it is known. */
  readonly styles: readonly (string | null)[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => Promise<void>;
}

/** Evidence for each number of clusters, and the one of highest silhouette × stability. Nothing in between two numbers
 *  waits for a signal. Pictures whose style is not known count for all but the purity. */
export async function scoreClusterCounts(
  features: FeatureMatrix,
  { from, to, seed, styles, signal, onProgress }: EvidenceOptions,
): Promise<{ readonly suggested: number; readonly scores: readonly ClusterCountEvidence[] }> {
  const chosen = createRandom(`evidence ${seed}`)
    .shuffle([...Array(features.rows).keys()])
    .slice(0, EVIDENCE_SAMPLE);
  const sample = pickFeatureRows(features, chosen);
  const scores: ClusterCountEvidence[] = [];
  for (let k = from; k <= to; k++) {
    signal?.throwIfAborted();
    const [score] = suggestClusterCount(sample, { from: k, to: k, seed, splits: 4 }).scores;
    if (score !== undefined)
      scores.push({
        ...score,
        purity: purityOf(
          sample,
          chosen.map((row) => styles[row] ?? null),
          k,
          seed,
        ),
      });
    await onProgress?.(k - from + 1, to - from + 1);
  }
  const [first] = scores;
  if (first === undefined) throw new RangeError('There is at least one number of clusters.');
  const best = scores.reduce(
    (a, b) => (b.silhouette * b.stability > a.silhouette * a.stability ? b : a),
    first,
  );
  return { suggested: best.k, scores };
}

function purityOf(
  sample: FeatureMatrix,
  styles: readonly (string | null)[],
  k: number,
  seed: number,
): number | null {
  if (new Set(styles.filter((style) => style !== null)).size < 2) return null;
  const { labels } = kMeans(sample, k, { seed, restarts: 3 });
  const known = styles.flatMap((style, row) => (style === null ? [] : [{ style, label: labels[row] ?? 0 }]));
  return clusterAgreement(
    known.map(({ label }) => label),
    known.map(({ style }) => style),
  ).purity;
}
