import { l2Normalise } from '../../nn/l2-normalise.js';
import type { Parameter, ParameterSource } from '../../nn/parameters.js';
import { initialise, within } from '../../nn/parameters.js';
import { constant, type Graph, input } from '../../onnx/graph.js';
import { exp, fusedMatMul, gather, logSoftmax, min, mul, neg, reduceSum } from '../../onnx/ops/index.js';
import type { Random } from '../../random.js';
import { styleFeatures, styleNetwork, styleNetworkSpecs } from '../../style-space/style-network.js';
import type { Objective } from '../step-contract.js';

/** Names of the clusters that the style space of the bundle has. A plain photo is a style like any other; cartoons are
 *  art with a cluster of their own. */
export const EYE_CLUSTERS = ['photo', 'art', 'art 2', 'sketch', 'lowres'] as const;

/** 1/τ = 10, as query towers start with. */
const START_SCALE = Math.log(10);
const MAX_SCALE = Math.log(30);

/** Fresh weights: the style network, a centre for each cluster, and the scale of the cosines to them. */
export function freshStyle(random: Random): Map<string, Parameter> {
  const clusters = EYE_CLUSTERS.length;
  return new Map([
    ...initialise(
      {
        ...styleNetworkSpecs('style.network'),
        'style.centres': { shape: [clusters, styleNetwork.width], init: 0.1 },
      },
      random,
    ),
    ['style.scale', { shape: [], data: Float32Array.of(START_SCALE) }],
  ]);
}

/** The style space with its clusters named: cross-entropy of a picture's Gram feature g over the centres,
 *  `softmax_j(cos(g, μ_j)·scale)`, as a query is projected later. Inputs: `pixels` uint8 `[batch, edge, edge, 3]`, `style`
 *  int64 `[batch]`, the place of the right cluster. */
export function styleObjective(
  graph: Graph,
  source: ParameterSource,
  batch: number,
  edge: number,
  size: number,
): Objective {
  const pixels = input(graph, 'pixels', [batch, edge, edge, 3], 'uint8');
  const style = input(graph, 'style', [batch], 'int64');
  const clusters = EYE_CLUSTERS.length;
  const gram = l2Normalise(styleFeatures(within(source, 'style.network'), pixels, size));
  const centres = l2Normalise(source('style.centres', [clusters, styleNetwork.width]));
  const scale = exp(min(source('style.scale', []), MAX_SCALE));
  const logs = logSoftmax(mul(fusedMatMul(gram, centres, { transB: true }), scale));
  const eye = new Float32Array(clusters * clusters);
  for (let place = 0; place < clusters; place++) eye[place * (clusters + 1)] = 1 / batch;
  const right = gather(constant(graph, eye, [clusters, clusters]), style);
  return { loss: neg(reduceSum(mul(logs, right))) };
}
