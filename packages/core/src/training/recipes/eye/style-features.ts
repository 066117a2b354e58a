import type { ParameterMap } from '../../../nn/parameters.js';
import { styleNetwork } from '../../../style-space/style-network.js';

/** The style network's last map on kept energies, `W·e + b`. @param weights `style.network.reduce.*`. */
export function styleFeature(weights: ParameterMap, energies: Float32Array): Float32Array {
  const { width, energies: inputs } = styleNetwork;
  const weight = weights.get('style.network.reduce.weight')?.data ?? new Float32Array();
  const out = (weights.get('style.network.reduce.bias')?.data ?? new Float32Array(width)).slice();
  for (let o = 0; o < width; o++) {
    let sum = out[o] ?? 0;
    for (let i = 0; i < inputs; i++) sum += (weight[o * inputs + i] ?? 0) * (energies[i] ?? 0);
    out[o] = sum;
  }
  return out;
}

/** Cosine of a style feature to the nearest centre. @param centres `[clusters, width]`. */
export function nearestCosine(feature: Float32Array, centres: Float32Array): number {
  const width = feature.length;
  const norm = Math.hypot(...feature) || 1;
  let best = -1;
  for (let at = 0; at < centres.length; at += width) {
    const centre = centres.subarray(at, at + width);
    const dot = centre.reduce((sum, value, i) => sum + value * (feature[i] ?? 0), 0);
    best = Math.max(best, dot / (norm * (Math.hypot(...centre) || 1)));
  }
  return best;
}
