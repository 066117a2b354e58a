import type { EyeConfig } from '../../../models/eye/config.js';
import type { Parameter } from '../../../nn/parameters.js';
import { featureMatrix } from '../../../style-space/feature-matrix.js';
import { fitPca } from '../../../style-space/pca.js';
import { featureSizes } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';

/** How much the look counts in a query of each cluster of `EYE_CLUSTERS`; chosen on `val`, see docs/experiments.md. */
export const LOOK_GAINS = [0.6, 0.5, 0, 0, 1.67] as const;

/** The map from a photo's layout to its look, `image.appearance`: the first principal directions of the training photos'
 *  layouts, each divided by the square root of its deviation, so that they are whitened half. Nothing where the model has
 *  no such part. */
export async function lookMap(
  config: EyeConfig,
  photos: Pick<FeatureStore, 'count' | 'features'>,
): Promise<Map<string, Parameter>> {
  const width = config.image.appearance?.width;
  if (width === undefined) return new Map();
  const [fine, coarse, colours] = featureSizes(config);
  const layouts: Float32Array[] = [];
  for (let photo = 0; photo < photos.count; photo++)
    layouts.push((await photos.features(photo)).slice(fine + coarse));
  const { mean, components, variances } = fitPca(featureMatrix(layouts), width);
  const weight = new Float32Array(width * colours);
  const bias = new Float32Array(width);
  for (let row = 0; row < width; row++) {
    // A direction that fewer photos than numbers leave empty stays empty: √σ is the fourth root of the variance.
    const variance = variances[row] ?? 0;
    const factor = variance > 1e-9 ? variance ** -0.25 : 0;
    for (let i = 0; i < colours; i++) {
      const value = factor * (components[row * colours + i] ?? 0);
      weight[row * colours + i] = value;
      bias[row] = (bias[row] ?? 0) - value * (mean[i] ?? 0);
    }
  }
  return new Map([
    ['image.appearance.weight', { shape: [width, colours], data: weight }],
    ['image.appearance.bias', { shape: [width], data: bias }],
  ]);
}
