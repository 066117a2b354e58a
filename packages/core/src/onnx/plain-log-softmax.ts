import { int, ints, numberAttribute, type Tensor } from './graph.js';
import { type Lowering, record } from './node-record.js';

/** A LogSoftmax as `t − log Σ exp t` with `t = x − max x`: the `webgpu` provider has no kernel for it, and every contrastive loss
 *  would travel to the CPU and back. */
export const plainLogSoftmax: Lowering = (node) => {
  const [x] = node.inputs as readonly [Tensor];
  const [y] = node.outputs as readonly [Tensor];
  const part = (name: string) => `${y.name}/${name}`;
  const kept = { keepdims: int(1) };
  return [
    record('Constant', [], part('axes'), { value_ints: ints([numberAttribute(node, 'axis', -1)]) }),
    record('ReduceMax', [x.name, part('axes')], part('max'), kept),
    record('Sub', [x.name, part('max')], part('shifted')),
    record('Exp', [part('shifted')], part('exp')),
    record('ReduceSum', [part('exp'), part('axes')], part('sum'), kept),
    record('Log', [part('sum')], part('log')),
    record('Sub', [part('shifted'), part('log')], y.name),
  ];
};
