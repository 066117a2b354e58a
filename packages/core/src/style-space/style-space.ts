import {
  dot,
  type FeatureMatrix,
  featureMatrix,
  featureRow,
  squaredDistance,
  toUnitLength,
} from './feature-matrix.js';
import { type KMeans, kMeans } from './kmeans.js';
import { applyPca, fitPca, type Pca } from './pca.js';
import { requireFinite, StyleSpaceError } from './style-space-error.js';

/** Element-wise transforms of a Gram feature before its reduction. The square root (signed) keeps the few strongest
 *  channel pairs from drowning all others. */
export const FEATURE_TRANSFORMS = {
  none: (value: number) => value,
  sqrt: (value: number) => Math.sign(value) * Math.sqrt(Math.abs(value)),
} as const satisfies Record<string, (value: number) => number>;
export type FeatureTransform = keyof typeof FEATURE_TRANSFORMS;

/** A basis of styles: cluster centres in a reduced, unit-length style space. */
export interface StyleSpace {
  /** Content hash (sha256, hex) of the style extractor: Gram features of another one mean nothing here. */
  readonly extractorHash: string;
  readonly transform: FeatureTransform;
  readonly pca: Pca;
  /** `[K, pca.size]`: the basis vectors μ_j. */
  readonly centres: FeatureMatrix;
  /** A name for each centre, in order. */
  readonly names: readonly string[];
  /** τ of the projection, above 0. */
  readonly temperature: number;
  /** A style farther than this from every centre is outside every known style. */
  readonly outsideDistance: number;
}

/** One style seen through the space. */
export interface StyleProjection {
  /** `w_j = softmax_j(cos(z, μ_j) / τ)`; they add up to 1. */
  readonly weights: Float32Array;
  /** `s = Σ_j w_j μ_j`, `[pca.size]`. */
  readonly style: Float32Array;
  /** The reduced feature itself, unit length, `[pca.size]`. */
  readonly reduced: Float32Array;
  /** Largest weight. */
  readonly confidence: number;
  /** Index of the largest weight. */
  readonly cluster: number;
  /** Distance to the nearest centre, in [0, 2]. */
  readonly distance: number;
  /** False where `distance` is above the space's threshold. */
  readonly known: boolean;
}

export interface FitStyleSpaceOptions {
  readonly extractorHash: string;
  /** Clusters; four is the paper's choice. */
  readonly k?: number;
  /** Values kept of a Gram feature. */
  readonly dimensions?: number;
  readonly transform?: FeatureTransform;
  readonly temperature?: number;
  readonly seed?: number;
  readonly restarts?: number;
}

/** Default τ: a style twice as near to one centre as to the next gets most, not all, of its weight from it. */
export const DEFAULT_TEMPERATURE = 0.1;

/** Makes a style space from the Gram features of an unlabelled mix of pictures: transform, PCA, unit length, K-Means.
 *  The outside threshold comes from these very features; `calibrateOutside` with held-out ones is better.
 *  @returns the space, and the cluster of each picture.
 *  @throws {StyleSpaceError} K above the number of pictures, NaN features, all features equal. */
export function fitStyleSpace(
  features: readonly Float32Array[],
  options: FitStyleSpaceOptions,
): { readonly space: StyleSpace; readonly labels: Int32Array } {
  const { k = 4, dimensions = 64, transform = 'sqrt', temperature = DEFAULT_TEMPERATURE, seed = 0 } = options;
  if (!(temperature > 0)) {
    throw new StyleSpaceError('STYLE_TEMPERATURE_INVALID', `τ must be above 0, got ${temperature}.`);
  }
  if (k > features.length) {
    throw new StyleSpaceError(
      'STYLE_K_INVALID',
      `A style space of ${k} clusters needs at least ${k} pictures, got ${features.length}.`,
    );
  }
  const transformed = featureMatrix(features.map((feature) => applyTransform(feature, transform)));
  const pca = fitPca(transformed, dimensions, seed);
  const reduced = featureMatrix(
    features.map((_, row) => toUnitLength(applyPca(pca, featureRow(transformed, row)))),
  );
  const clusters = kMeans(reduced, k, {
    seed,
    ...(options.restarts === undefined ? {} : { restarts: options.restarts }),
  });
  const draft: StyleSpace = {
    extractorHash: options.extractorHash,
    transform,
    pca,
    centres: clusters.centroids,
    names: Array.from({ length: k }, (_, i) => `style ${i + 1}`),
    temperature,
    outsideDistance: Number.POSITIVE_INFINITY,
  };
  const space = {
    ...draft,
    outsideDistance: quantileOf(centreDistances(reduced, clusters), OUTSIDE_QUANTILE),
  };
  return { space, labels: clusters.labels };
}

/** Share of known pictures that the threshold lets in. */
const OUTSIDE_QUANTILE = 0.99;

/** Sets the outside threshold so that this share of held-out pictures of known styles counts as known.
 *  @throws {StyleSpaceError} no pictures, features that do not fit. */
export function calibrateOutside(
  space: StyleSpace,
  heldOut: readonly Float32Array[],
  share: number = OUTSIDE_QUANTILE,
): StyleSpace {
  if (heldOut.length === 0) {
    throw new StyleSpaceError(
      'STYLE_FEATURES_EMPTY',
      'Calibration: expected at least one held-out picture, got none.',
    );
  }
  const distances = Float64Array.from(heldOut, (feature) => projectStyle(space, feature).distance);
  return { ...space, outsideDistance: quantileOf(distances, share) };
}

/** Projects one Gram feature (as `gramFeature` makes it) onto the basis.
 *  @throws {StyleSpaceError} a feature of another length, or a value that is not finite. */
export function projectStyle(space: StyleSpace, feature: Float32Array): StyleProjection {
  const reduced = reduceStyle(space, feature);
  const { centres, temperature } = space;
  const weights = new Float32Array(centres.rows);
  let distance = Number.POSITIVE_INFINITY;
  for (let j = 0; j < centres.rows; j++) {
    const centre = featureRow(centres, j);
    weights[j] = dot(reduced, toUnitLength(centre)) / temperature;
    distance = Math.min(distance, Math.sqrt(squaredDistance(reduced, centre)));
  }
  softmaxInPlace(weights);
  const style = new Float32Array(centres.columns);
  let cluster = 0;
  for (let j = 0; j < centres.rows; j++) {
    const weight = weights[j] as number;
    if (weight > (weights[cluster] as number)) cluster = j;
    featureRow(centres, j).forEach((value, i) => {
      style[i] = (style[i] as number) + weight * value;
    });
  }
  return {
    weights,
    style,
    reduced,
    confidence: weights[cluster] ?? 0,
    cluster,
    distance,
    known: distance <= space.outsideDistance,
  };
}

/** The reduced feature: transform, PCA, unit length. `[pca.size]`. */
export function reduceStyle({ pca, transform }: StyleSpace, feature: Float32Array): Float32Array {
  requireFinite(feature, 'Style features');
  return toUnitLength(applyPca(pca, applyTransform(feature, transform)));
}

/** @throws {StyleSpaceError} by name, when the space was made with another style extractor. */
export function assertStyleSpaceFits(space: StyleSpace, extractorHash: string): void {
  if (space.extractorHash === extractorHash) return;
  throw new StyleSpaceError(
    'STYLE_SPACE_MISMATCH',
    `This style space was made with style extractor ${space.extractorHash.slice(0, 12)}…, the model has ${extractorHash.slice(0, 12)}…; fit a new style space or load the extractor it belongs to.`,
    { expected: extractorHash, got: space.extractorHash },
  );
}

function applyTransform(feature: Float32Array, transform: FeatureTransform): Float32Array {
  const apply = FEATURE_TRANSFORMS[transform];
  return feature.map((value) => apply(value));
}

function centreDistances(reduced: FeatureMatrix, { centroids, labels }: KMeans): Float64Array {
  return Float64Array.from(labels, (label, row) =>
    Math.sqrt(squaredDistance(featureRow(reduced, row), featureRow(centroids, label))),
  );
}

function quantileOf(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** The largest logit is subtracted first, so that a small τ does not overflow. */
function softmaxInPlace(logits: Float32Array): void {
  const largest = logits.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = Math.exp((logits[i] as number) - largest);
    logits[i] = value;
    total += value;
  }
  for (let i = 0; i < logits.length; i++) logits[i] = (logits[i] as number) / total;
}
