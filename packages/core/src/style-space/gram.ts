import { requireFinite, StyleSpaceError } from './style-space-error.js';

/** Gram matrix of a feature map, the style statistic of Gatys et al. 2015: `G = F Fᵀ / (C·H·W)`.
 *  @param features `[channels, height, width]`, float32, after the activation.
 *  @returns `[channels, channels]`, symmetric, float32.
 *  @throws {StyleSpaceError} a dimension of 0, a length that does not match, a value that is not finite. */
export function gramMatrix(
  features: Float32Array,
  channels: number,
  height: number,
  width: number,
): Float32Array {
  const positions = height * width;
  if (channels * positions === 0 || features.length !== channels * positions) {
    throw new StyleSpaceError(
      'STYLE_FEATURES_INVALID',
      `Gram: expected ${channels} × ${height} × ${width} features, all above 0, got ${features.length} values.`,
    );
  }
  requireFinite(features, 'Gram features');
  const gram = new Float32Array(channels * channels);
  for (let i = 0; i < channels; i++) {
    const rowI = features.subarray(i * positions, (i + 1) * positions);
    for (let j = 0; j <= i; j++) {
      const base = j * positions;
      let sum = 0;
      for (let p = 0; p < positions; p++) sum += (rowI[p] as number) * (features[base + p] as number);
      const value = sum / (channels * positions);
      gram[i * channels + j] = value;
      gram[j * channels + i] = value;
    }
  }
  return gram;
}

/** Length of the vector that `upperTriangle` makes. */
export const gramFeatureLength = (channels: number): number => (channels * (channels + 1)) / 2;

/** The upper triangle of a symmetric matrix as a vector, row by row. Entries off the diagonal stand for two and are
 *  multiplied by √2, so that dot products and distances are those of the whole matrices.
 *  @param gram `[channels, channels]`. @returns `[channels·(channels+1)/2]`. */
export function upperTriangle(gram: Float32Array, channels: number): Float32Array {
  if (gram.length !== channels * channels || channels === 0) {
    throw new StyleSpaceError(
      'STYLE_FEATURES_INVALID',
      `Gram: expected ${channels} × ${channels} values, got ${gram.length}.`,
    );
  }
  const vector = new Float32Array(gramFeatureLength(channels));
  let at = 0;
  for (let i = 0; i < channels; i++) {
    for (let j = i; j < channels; j++) {
      vector[at++] = (gram[i * channels + j] as number) * (i === j ? 1 : Math.SQRT2);
    }
  }
  return vector;
}

/** Style feature of a feature map: Gram matrix, upper triangle. Shapes and errors as in the two functions it joins. */
export function gramFeature(
  features: Float32Array,
  channels: number,
  height: number,
  width: number,
): Float32Array {
  return upperTriangle(gramMatrix(features, channels, height, width), channels);
}
