import { l2Normalise } from '../../../nn/l2-normalise.js';
import { linear } from '../../../nn/linear.js';
import type { ParameterSource } from '../../../nn/parameters.js';
import { type Parameter, within } from '../../../nn/parameters.js';
import { constant, type Graph, input } from '../../../onnx/graph.js';
import { exp, fusedMatMul, gather, logSoftmax, min, mul, neg, reduceSum } from '../../../onnx/ops/index.js';
import type { Random } from '../../../random.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import type { Objective } from '../../step-contract.js';

/** Names of the clusters that the bundle's style space has. A plain photo is a style like any other; cartoons are art with
 *  a cluster of their own. */
export const EYE_CLUSTERS = ['photo', 'art', 'art 2', 'sketch', 'lowres'] as const;

/** 1/τ = 10, as query towers start with. */
const START_SCALE = Math.log(10);
const MAX_SCALE = Math.log(30);

/** Fresh centres, and the scale of the cosines to them. */
export function freshCentres(random: Random): Map<string, Parameter> {
  const shape = [EYE_CLUSTERS.length, styleNetwork.width];
  const data = Float32Array.from({ length: EYE_CLUSTERS.length * styleNetwork.width }, () => random.normal());
  return new Map([
    ['style.centres', { shape, data }],
    ['style.scale', { shape: [], data: Float32Array.of(START_SCALE) }],
  ]);
}

/** The style space with its clusters named: what reduces the Gram feature and the centres learn together, by the
 *  cross-entropy of `softmax_j(cos(g, μ_j)·scale)`, as a query is projected later. The network below, which was taught by
 *  VGG's Gram matrices, stays. Inputs: `energies` `[batch, 2304]`, see `styleEnergies`; `style` int64 `[batch]`, the place
 *  of the right cluster. */
export function styleObjective(graph: Graph, source: ParameterSource, batch: number): Objective {
  const energies = input(graph, 'energies', [batch, styleNetwork.energies]);
  const style = input(graph, 'style', [batch], 'int64');
  const clusters = EYE_CLUSTERS.length;
  const reduce = within(source, 'style.network.reduce');
  const gram = l2Normalise(linear(reduce, energies, styleNetwork.energies, styleNetwork.width));
  const centres = l2Normalise(source('style.centres', [clusters, styleNetwork.width]));
  const scale = exp(min(source('style.scale', []), MAX_SCALE));
  const logs = logSoftmax(mul(fusedMatMul(gram, centres, { transB: true }), scale));
  const eye = new Float32Array(clusters * clusters);
  for (let place = 0; place < clusters; place++) eye[place * (clusters + 1)] = 1 / batch;
  const right = gather(constant(graph, eye, [clusters, clusters]), style);
  return { loss: neg(reduceSum(mul(logs, right))) };
}

/** What learns: the reduction, the centres and the scale. */
export const styleTrains = (name: string): boolean =>
  name.startsWith('style.network.reduce.') || name === 'style.centres' || name === 'style.scale';
