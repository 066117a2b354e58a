import { createRandom } from '../random.js';
import { type FeatureMatrix, featureRow } from './feature-matrix.js';
import { requireFinite, StyleSpaceError } from './style-space-error.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** A linear reduction: `z = components · (x − mean)`. */
export interface Pca {
  /** `[columns]`. */
  readonly mean: Float32Array;
  /** `[size, columns]`, orthonormal rows, largest variance first. */
  readonly components: Float32Array;
  /** Variance along each component. */
  readonly variances: Float32Array;
  readonly size: number;
  readonly columns: number;
  /** Share of the data's variance that the components keep, in [0, 1]. */
  readonly explained: number;
}

/** Extra directions and power iterations of the randomised range finder: its authors' advice for slowly falling spectra. */
const OVERSAMPLING = 10;
const POWER_ITERATIONS = 4;

/** Principal components by randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4), so that
 *  features of many thousand values need no square matrix of that size. Signs are fixed (the largest entry of each
 *  component is positive). Components beyond the rank of the data are left out, so `size` may be smaller than asked.
 *  @throws {StyleSpaceError} fewer than two rows, all rows equal, a size below 1. */
export function fitPca(features: FeatureMatrix, size: number, seed: number | string = 0): Pca {
  const { rows, columns } = features;
  if (rows < 2 || !Number.isInteger(size) || size < 1) {
    throw new StyleSpaceError(
      'STYLE_PCA_INVALID',
      `PCA: expected at least 2 pictures and 1 component, got ${rows} and ${size}.`,
    );
  }
  const { mean, centred, variance } = centre(features);
  const width = Math.min(size + OVERSAMPLING, rows - 1, columns);
  const random = createRandom(`pca ${seed}`);
  let basis = Float64Array.from({ length: width * columns }, () => random.normal());
  for (let i = 0; i < POWER_ITERATIONS; i++) {
    orthonormalise(basis, width, columns);
    // One step of the power method on XᵀX, without forming it.
    basis = transposeTimes(centred, rows, columns, project(centred, rows, columns, basis, width), width);
  }
  orthonormalise(basis, width, columns);
  return finish(features, mean, variance, basis, project(centred, rows, columns, basis, width), width, size);
}

/** Reduces one feature vector. @returns `[size]`. @throws {StyleSpaceError} wrong length, or a value that is not finite. */
export function applyPca(pca: Pca, feature: Float32Array): Float32Array {
  if (feature.length !== pca.columns) {
    throw new StyleSpaceError(
      'STYLE_FEATURES_INVALID',
      `Style features: expected ${pca.columns} values, got ${feature.length}.`,
    );
  }
  requireFinite(feature, 'Style features');
  const out = new Float32Array(pca.size);
  for (let c = 0; c < pca.size; c++) {
    const base = c * pca.columns;
    let sum = 0;
    for (let i = 0; i < pca.columns; i++) {
      sum += (pca.components[base + i] as number) * ((feature[i] as number) - (pca.mean[i] as number));
    }
    out[c] = sum;
  }
  return out;
}

function centre(features: FeatureMatrix) {
  const { rows, columns } = features;
  const sums = new Float64Array(columns);
  for (let r = 0; r < rows; r++)
    featureRow(features, r).forEach((value, i) => {
      sums[i] = (sums[i] as number) + value;
    });
  const mean = Float32Array.from(sums, (sum) => sum / rows);
  const centred = features.data.map((value, at) => value - (mean[at % columns] as number));
  const variance = centred.reduce((sum, value) => sum + value * value, 0) / rows;
  if (variance === 0) {
    throw new StyleSpaceError('STYLE_PCA_INVALID', 'PCA: all pictures have the same style features.');
  }
  return { mean, centred, variance };
}

/** `X Bᵀ`: `[rows, width]`, for basis rows B `[width, columns]`. */
function project(
  x: Float32Array,
  rows: number,
  columns: number,
  basis: Float64Array,
  width: number,
): Float64Array {
  const out = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const base = r * columns;
    for (let w = 0; w < width; w++) {
      const from = w * columns;
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += (x[base + i] as number) * (basis[from + i] as number);
      out[r * width + w] = sum;
    }
  }
  return out;
}

/** `(XᵀY)ᵀ`: `[width, columns]`, for Y `[rows, width]`. */
function transposeTimes(
  x: Float32Array,
  rows: number,
  columns: number,
  y: Float64Array,
  width: number,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(width * columns);
  for (let r = 0; r < rows; r++) {
    const base = r * columns;
    for (let w = 0; w < width; w++) {
      const factor = y[r * width + w] as number;
      const to = w * columns;
      for (let i = 0; i < columns; i++)
        out[to + i] = (out[to + i] as number) + factor * (x[base + i] as number);
    }
  }
  return out;
}

/** Gram-Schmidt on rows, twice ("twice is enough", Giraud et al. 2005); rows that vanish become 0. */
function orthonormalise(basis: Float64Array, width: number, columns: number): void {
  for (let w = 0; w < width; w++) {
    const row = basis.subarray(w * columns, (w + 1) * columns);
    const before = norm(row);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < w; other++)
        removeDirection(row, basis.subarray(other * columns, (other + 1) * columns));
    }
    const after = norm(row);
    const scale = after > 1e-10 * before ? 1 / after : 0;
    for (let i = 0; i < columns; i++) row[i] = (row[i] as number) * scale;
  }
}

function removeDirection(row: Float64Array, direction: Float64Array): void {
  let along = 0;
  for (let i = 0; i < row.length; i++) along += (row[i] as number) * (direction[i] as number);
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - along * (direction[i] as number);
}

const norm = (row: Float64Array): number => Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));

/** Turns the basis into the principal axes: eigenvectors of the projected data's small covariance. */
function finish(
  { rows, columns }: FeatureMatrix,
  mean: Float32Array,
  variance: number,
  basis: Float64Array,
  projected: Float64Array,
  width: number,
  size: number,
): Pca {
  const covariance = new Float64Array(width * width);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        covariance[i * width + j] =
          (covariance[i * width + j] as number) +
          ((projected[r * width + i] as number) * (projected[r * width + j] as number)) / rows;
      }
    }
  }
  const { values, vectors } = symmetricEigen(covariance, width);
  const kept = Math.min(size, values.filter((value) => value > 1e-9 * variance).length);
  const components = new Float32Array(kept * columns);
  for (let c = 0; c < kept; c++) {
    const axis = components.subarray(c * columns, (c + 1) * columns);
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let w = 0; w < width; w++)
        sum += (vectors[c * width + w] as number) * (basis[w * columns + i] as number);
      axis[i] = sum;
    }
    fixSign(axis);
  }
  const variances = Float32Array.from(values.subarray(0, kept));
  return {
    mean,
    components,
    variances,
    size: kept,
    columns,
    explained: variances.reduce((sum, v) => sum + v, 0) / variance,
  };
}

function fixSign(axis: Float32Array): void {
  const largest = axis.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  if (largest < 0) for (let i = 0; i < axis.length; i++) axis[i] = -(axis[i] as number);
}
