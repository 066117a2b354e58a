import type { Parameter } from '../../nn/parameters.js';
import type { ModelBundle } from '../../weights/model-bundle.js';
import { loadWeightMap } from '../../weights/tensor-map.js';

/** The weights of a bundle of ours, in float32. */
export async function readBundleWeights(bundle: ModelBundle): Promise<Map<string, Parameter>> {
  const tensors = await bundle.tensors('weights.safetensors');
  try {
    return await loadWeightMap(tensors);
  } finally {
    await tensors.close();
  }
}
