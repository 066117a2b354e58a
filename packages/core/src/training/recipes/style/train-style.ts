import type { RgbImage } from '../../../image/rgb-image.js';
import type { VggWeights } from '../../../models/vgg/load-vgg.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { type ClusterAgreement, clusterAgreement } from '../../../style-space/cluster-agreement.js';
import { dot, featureMatrix, featureRow, toUnitLength } from '../../../style-space/feature-matrix.js';
import { kMeans, nearestCentroid } from '../../../style-space/kmeans.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import { createStyleSession } from '../../../style-space/style-session.js';
import { fitStyleSpace, reduceStyle } from '../../../style-space/style-space.js';
import { createStyleTeacher } from '../../../style-space/style-teacher.js';
import { fit } from '../../fit.js';
import { styleRecipe } from './style-recipe.js';

/** A picture and the name of its style; the name only labels and judges, nothing learns from it. */
export interface StyledPicture {
  readonly picture: RgbImage;
  readonly style: string;
}

export interface TrainStyleOptions {
  /** Square pictures of side `size`. */
  readonly pictures: readonly StyledPicture[];
  readonly size: number;
  /** VGG-19, at least down to conv2_2. */
  readonly vgg: VggWeights;
  readonly clusters: number;
  readonly steps: number;
  readonly seed: number;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  readonly onProgress: (stage: string, done: number, total: number, detail?: string) => void;
}

export interface TrainedStyle {
  /** `style.network.*` and `style.centres` `[K, 64]`. */
  readonly weights: Map<string, Parameter>;
  /** Each cluster by the commonest style in it; a number is added where two have the same. */
  readonly names: readonly string[];
  /** A picture whose best cosine to a centre lies below is outside every known style. */
  readonly knownCosine: number;
  readonly report: {
    /** Mean cosine between the network's features and the teacher's, held-out pictures. */
    readonly cosine: number;
    /** Clusters by the network against clusters by the teacher, held-out pictures. */
    readonly againstTeacher: ClusterAgreement;
    /** Clusters by the network against the real styles, held-out pictures. */
    readonly againstStyles: ClusterAgreement;
  };
}

/** Share of the pictures that is held out to judge and calibrate on. */
const HELD_OUT = 0.15;
/** Share of held-out pictures of known styles that must count as known. */
export const KNOWN_SHARE = 0.99;
/** Pictures in one run of a network: larger ones gain nothing on a processor. */
const BATCH = 16;
/** Pictures in a training step. */
const STEP_PICTURES = 64;

/** The style space that ships: a compact network that gives the teacher's reduced Gram features, and K centres in it. */
export async function trainStyle(options: TrainStyleOptions): Promise<TrainedStyle> {
  const { pictures, size, clusters, seed } = options;
  const order = createRandom(`${seed}:style`).shuffle(pictures.map((_, index) => index));
  const held = order.slice(0, Math.round(pictures.length * HELD_OUT));
  const fitted = order.slice(held.length);

  const grams = await teacherFeatures(options);
  const at = <T>(list: readonly T[], indices: readonly number[]): T[] =>
    indices.map((index) => list[index] as T);
  // No content hash: the teacher's space is a means here and never leaves this function.
  const { space } = fitStyleSpace(at(grams, fitted), {
    extractorHash: '',
    k: clusters,
    dimensions: styleNetwork.width,
    seed,
  });
  const reduced = grams.map((gram) => reduceStyle(space, gram));
  // Few pictures span fewer directions than the network has outputs: the others stay 0.
  const targets = reduced.map((feature) => {
    const target = new Float32Array(styleNetwork.width);
    target.set(feature);
    return target;
  });
  const recipe = styleRecipe({
    pictures: at(pictures, fitted).map(({ picture }) => picture),
    targets: at(targets, fitted),
    size,
    steps: options.steps,
    // A batch is drawn without repeats, so a small set has smaller ones.
    batch: Math.min(STEP_PICTURES, fitted.length),
    seed,
  });
  await fit(recipe, {
    session: options.session,
    ...(options.signal ? { signal: options.signal } : {}),
    onEvent(event) {
      if (event.kind === 'step')
        options.onProgress('style network', event.step, event.total, `loss ${event.loss.toFixed(3)}`);
    },
  });
  const { weights } = recipe;

  const seen = await runStyleNetwork(weights, pictures, options);
  const found = kMeans(featureMatrix(at(seen, fitted)), clusters, { seed });
  weights.set('style.centres', { shape: [clusters, styleNetwork.width], data: found.centroids.data });
  const styles = at(pictures, fitted).map(({ style }) => style);
  const clusterOf = (feature: Float32Array) => nearestCentroid(found.centroids, feature).cluster;
  const heldClusters = at(seen, held).map(clusterOf);
  const teacherClusters = at(reduced, held).map((feature) => nearestCentroid(space.centres, feature).cluster);
  return {
    weights,
    names: nameByMajority(found.labels, styles, clusters),
    knownCosine: quantile(
      at(seen, held).map((feature) => bestCosine(found.centroids, feature)),
      1 - KNOWN_SHARE,
    ),
    report: {
      cosine: mean(held.map((index) => dot(seen[index] as Float32Array, targets[index] as Float32Array))),
      againstTeacher: clusterAgreement(heldClusters, teacherClusters),
      againstStyles: clusterAgreement(
        heldClusters,
        at(pictures, held).map(({ style }) => style),
      ),
    },
  };
}

async function teacherFeatures(options: TrainStyleOptions): Promise<Float32Array[]> {
  const { pictures, size } = options;
  const teacher = await createStyleTeacher(options.vgg, size, options.session);
  const grams: Float32Array[] = [];
  try {
    for (let start = 0; start < pictures.length; start += BATCH) {
      grams.push(
        ...(await teacher.features(pictures.slice(start, start + BATCH).map(({ picture }) => picture))),
      );
      options.onProgress('style teacher', grams.length, pictures.length);
    }
    return grams;
  } finally {
    await teacher.close();
  }
}

/** Unit features of every picture by the network, `[64]` each. */
export async function runStyleNetwork(
  weights: ParameterMap,
  pictures: readonly StyledPicture[],
  { size, session: sessionOptions }: Pick<TrainStyleOptions, 'size' | 'session'>,
): Promise<Float32Array[]> {
  const session = await createStyleSession(weights, size, sessionOptions);
  const rows: Float32Array[] = [];
  try {
    for (let start = 0; start < pictures.length; start += BATCH) {
      const part = pictures.slice(start, start + BATCH).map(({ picture }) => picture);
      rows.push(...(await session.features(part)));
    }
    return rows;
  } finally {
    await session.close();
  }
}

/** The cosine to the nearest centre's direction. */
export function bestCosine(centroids: Parameters<typeof featureRow>[0], feature: Float32Array): number {
  let best = -1;
  for (let cluster = 0; cluster < centroids.rows; cluster++) {
    best = Math.max(best, dot(feature, toUnitLength(featureRow(centroids, cluster))));
  }
  return best;
}

/** Names clusters by the commonest style in each: `sketch`, `art`, `art 2`. */
export function nameByMajority(
  labels: ArrayLike<number>,
  styles: readonly string[],
  clusters: number,
): string[] {
  const taken = new Map<string, number>();
  return Array.from({ length: clusters }, (_, cluster) => {
    const counts = new Map<string, number>();
    styles.forEach((style, index) => {
      if (labels[index] === cluster) counts.set(style, (counts.get(style) ?? 0) + 1);
    });
    const [name = 'empty'] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The value below which `share` of the list lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
