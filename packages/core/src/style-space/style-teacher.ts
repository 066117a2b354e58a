import type { RgbImage } from '../image/rgb-image.js';
import { pixelBatch } from '../models/pixel-batch.js';
import type { VggWeights } from '../models/vgg/load-vgg.js';
import { vgg19 } from '../models/vgg/vgg19.js';
import { bindParameters } from '../nn/parameters.js';
import { symbol } from '../onnx/dims.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { cast, div, transpose } from '../onnx/ops/index.js';
import { createSession, type SessionOptions } from '../runtime/session.js';
import { upperTriangle } from './gram.js';
import { gramMatrix } from './style-network.js';

/** Filters of VGG-19's second block, whose Gram matrix is the paper's style. */
const CHANNELS = 128;

/** The Gram features of VGG-19's conv2_2 (after ReLU), one pass, cut at that layer, pixels in [0, 1].
 *  @param vgg its weights, at least down to conv2_2, and how they want to be run.
 *  @returns a function from square pictures of side `size` to upper triangles, `[128·129/2]` each. */
export async function createStyleTeacher(vgg: VggWeights, size: number, options: SessionOptions = {}) {
  const graph = createGraph('vgg-gram');
  const pixels = input(graph, 'pixels', [symbol('batch'), size, size, 3], 'uint8');
  const unit = div(transpose(cast(pixels, 'float32'), [0, 3, 1, 2]), 255);
  const { source } = bindParameters(graph, vgg.weights);
  const features = vgg19(source, unit, { ...vgg.options, until: 'conv2_2' });
  output(graph, 'gram', gramMatrix(features));
  const session = await createSession(graph, options);
  return {
    async features(pictures: readonly RgbImage[]): Promise<Float32Array[]> {
      const { gram } = await session.run({ pixels: pixelBatch(pictures, size) });
      if (!(gram?.data instanceof Float32Array)) throw new TypeError('the style teacher gave no Gram matrix');
      const { data } = gram;
      const square = CHANNELS * CHANNELS;
      return pictures.map((_, row) => upperTriangle(data.slice(row * square, (row + 1) * square), CHANNELS));
    },
    close: () => session.close(),
  };
}
