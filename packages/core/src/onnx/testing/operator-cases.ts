import { createRandom } from '../../random.js';
import type { Tensor } from '../graph.js';
import * as ops from '../ops/index.js';
import { sizeOfShape, type Value, value } from './reference-value.js';

/** How the numbers of an input are drawn: normal, positive, or all different and none near zero (for operators
 *  with a kink); a list gives them, and int64 with it. */
export type Numbers = 'normal' | 'positive' | 'apart' | readonly number[];

export interface CaseInput {
  readonly shape: readonly number[];
  readonly numbers: Numbers;
  readonly dtype: 'float32' | 'int64';
}

/** One small graph around one operator. */
export interface OperatorCase {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly CaseInput[];
  readonly build: (...tensors: [Tensor, Tensor, Tensor]) => Tensor;
}

const of = (shape: readonly number[], numbers: Numbers = 'normal'): CaseInput => ({
  shape,
  numbers,
  dtype: 'float32',
});
const index = (shape: readonly number[], numbers: readonly number[]): CaseInput => ({
  shape,
  numbers,
  dtype: 'int64',
});
const positive = (...shape: number[]) => of(shape, 'positive');
const apart = (...shape: number[]) => of(shape, 'apart');
const normal = (...shape: number[]) => of(shape);

type Build = OperatorCase['build'];
const one = (op: string, name: string, inputs: readonly CaseInput[], build: Build): OperatorCase => ({
  op,
  name,
  inputs,
  build,
});

/** The numbers of a case's inputs, the same at each call, each exact in float32. */
export function caseValues({ op, name, inputs }: OperatorCase): Value[] {
  return inputs.map(({ shape, numbers }, place) => {
    if (typeof numbers !== 'string') return value(shape, numbers);
    const random = createRandom(`${op} ${name} ${place}`);
    const size = sizeOfShape(shape);
    // Different offsets keep the elements of two inputs apart too.
    const spread = (i: number) => (4 * (i + 0.2 + 0.3 * place)) / size - 2.03;
    const drawn = Array.from({ length: size }, (_, i) =>
      numbers === 'apart' ? spread(i) : numbers === 'positive' ? 0.5 + random.uniform() : random.normal(),
    );
    return value(shape, Float32Array.from(numbers === 'apart' ? random.shuffle(drawn) : drawn));
  });
}

const broadcasts: [string, CaseInput, CaseInput][] = [
  ['same shape', positive(2, 3), positive(2, 3)],
  ['a row', positive(2, 3), positive(3)],
  ['both sides grow', positive(2, 1, 3), positive(4, 1)],
  ['a scalar on the left', positive(), positive(2, 2)],
  ['a scalar on the right', positive(2, 2), positive()],
];
const gateCases: OperatorCase[] = [
  one('Mul', 'by a gate of itself', [normal(2, 3)], (x) => ops.mul(x, ops.sigmoid(x))),
  one('Mul', 'by a scaled gate of itself', [normal(2, 3)], (x) => ops.quickGelu(x)),
  one('Mul', 'by a gate of another', [normal(2, 3), normal(2, 3)], (x, y) =>
    ops.mul(x, ops.sigmoid(ops.mul(y, 1.7))),
  ),
  one('Mul', 'by a gate that another input scales', [normal(2, 3), normal()], (x, a) =>
    ops.mul(x, ops.sigmoid(ops.mul(x, a))),
  ),
];

const binaryCases = (['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'] as const).flatMap((op) => {
  const operator = { Add: ops.add, Sub: ops.sub, Mul: ops.mul, Div: ops.div, Max: ops.max, Min: ops.min }[op];
  const kink = op === 'Max' || op === 'Min';
  const plain = broadcasts.map(([name, a, b]) => {
    const inputs = kink ? [a, b].map((x) => ({ ...x, numbers: 'apart' as const })) : [a, b];
    return one(op, name, inputs, (x, y) => operator(x, y));
  });
  return [...plain, one(op, 'a tensor with itself', [positive(3)], (x) => operator(x, x))];
});

const unaryCases: OperatorCase[] = [
  one('Neg', 'matrix', [normal(2, 3)], ops.neg),
  one('Exp', 'matrix', [normal(2, 3)], ops.exp),
  one('Log', 'matrix', [positive(2, 3)], ops.log),
  one('Sqrt', 'matrix', [positive(2, 3)], ops.sqrt),
  one('Reciprocal', 'matrix', [positive(2, 3)], ops.reciprocal),
  one('Erf', 'matrix', [normal(3, 4)], ops.erf),
  one('Tanh', 'matrix', [normal(2, 3)], ops.tanh),
  one('Sigmoid', 'matrix', [normal(2, 3)], ops.sigmoid),
  one('Relu', 'both signs', [apart(3, 4)], ops.relu),
  one('Abs', 'both signs', [apart(3, 4)], ops.abs),
  one('HardSigmoid', 'flat on both sides', [apart(3, 4)], (x) =>
    ops.hardSigmoid(x, { alpha: 0.5, beta: 0.25 }),
  ),
  one('Clip', 'inside, below and above', [apart(3, 4)], (x) => ops.clip(x, -0.51, 0.77)),
  one('LeakyRelu', 'both signs', [apart(3, 4)], (x) => ops.leakyRelu(x, 0.25)),
  one('Where', 'same shapes', [apart(2, 3), normal(2, 3)], (x, y) => ops.where(ops.greater(x, 0), x, y)),
  one('Where', 'broadcast arms', [normal(2, 3), normal(3), normal(2, 1)], (c, a, b) =>
    ops.where(ops.greater(c, 0), a, b),
  ),
  one('Where', 'a constant arm and a grown mask', [normal(3), normal(2, 1)], (c, a) =>
    ops.where(ops.greater(c, 0), a, 1),
  ),
];

const flags = [false, true];
const linearCases: OperatorCase[] = [
  one('MatMul', 'matrices', [normal(2, 3), normal(3, 4)], ops.matMul),
  one('MatMul', 'a shared right matrix', [normal(2, 2, 3), normal(3, 2)], ops.matMul),
  one('MatMul', 'a shared left matrix', [normal(2, 3), normal(2, 3, 2)], ops.matMul),
  one('MatMul', 'broadcast leading axes', [normal(2, 1, 2, 3), normal(3, 3, 2)], ops.matMul),
  ...flags.flatMap((transA) =>
    flags.flatMap((transB) => {
      const name = `transA ${transA}, transB ${transB}`;
      const a = transA ? [3, 2] : [2, 3];
      const b = transB ? [4, 3] : [3, 4];
      const options = { transA, transB, alpha: 0.75 };
      return [
        one('FusedMatMul', `matrices, ${name}`, [normal(...a), normal(...b)], (x, y) =>
          ops.fusedMatMul(x, y, options),
        ),
        one('FusedMatMul', `a batch, ${name}`, [normal(2, 2, ...a), normal(2, 2, ...b)], (x, y) =>
          ops.fusedMatMul(x, y, options),
        ),
        one('FusedMatMul', `a shared right matrix, ${name}`, [normal(2, ...a), normal(...b)], (x, y) =>
          ops.fusedMatMul(x, y, options),
        ),
        one('FusedMatMul', `a shared left matrix, ${name}`, [normal(...a), normal(2, ...b)], (x, y) =>
          ops.fusedMatMul(x, y, options),
        ),
        one('Gemm', `a bias row, ${name}`, [normal(...a), normal(...b), normal(4)], (x, y, c) =>
          ops.gemm(x, y, c, options),
        ),
      ];
    }),
  ),
  one('Gemm', 'no bias', [normal(2, 3), normal(3, 4)], (x, y) => ops.gemm(x, y)),
  one('Gemm', 'a bias column', [normal(2, 3), normal(3, 4), normal(2, 1)], ops.gemm),
  one('Gemm', 'a full bias', [normal(2, 3), normal(3, 4), normal(2, 4)], ops.gemm),
  one('Gemm', 'a product with itself', [normal(3, 3)], (x) => ops.gemm(x, x, x, { transA: true })),
];

const reductions = { ReduceSum: ops.reduceSum, ReduceMean: ops.reduceMean, ReduceMax: ops.reduceMax };
const reduceCases: OperatorCase[] = [
  ...(['ReduceSum', 'ReduceMean', 'ReduceMax'] as const).flatMap((op) => [
    one(op, 'all axes', [apart(2, 3)], (x) => reductions[op](x)),
    one(op, 'the first axis', [apart(3, 2, 2)], (x) => reductions[op](x, { axes: [0] })),
    one(op, 'the last axis kept', [apart(2, 2, 3)], (x) => reductions[op](x, { axes: [-1], keepDims: true })),
    one(op, 'outer axes', [apart(2, 3, 2)], (x) => reductions[op](x, { axes: [0, 2] })),
  ]),
  one('ReduceMax', 'two equal winners', [of([2, 3], [1, 5, 5, 7, 7, 0])], (x) =>
    ops.reduceMax(x, { axes: [1] }),
  ),
  one('Softmax', 'the last axis', [normal(2, 3, 4)], (x) => ops.softmax(x)),
  one('Softmax', 'the middle axis', [normal(2, 3, 2)], (x) => ops.softmax(x, 1)),
  one('LogSoftmax', 'the last axis', [normal(2, 4)], (x) => ops.logSoftmax(x)),
  one('LogSoftmax', 'the first axis', [normal(3, 2)], (x) => ops.logSoftmax(x, 0)),
  one('LayerNormalization', 'rows', [normal(3, 5), positive(5), normal(5)], (x, scale, bias) =>
    ops.layerNormalization(x, scale, bias),
  ),
  one('LayerNormalization', 'rank 3', [normal(2, 2, 4), positive(4), normal(4)], (x, scale, bias) =>
    ops.layerNormalization(x, scale, bias, 1e-3),
  ),
  one('LayerNormalization', 'a single vector', [normal(4), positive(4), normal(4)], (x, scale, bias) =>
    ops.layerNormalization(x, scale, bias),
  ),
];

const shapeCases: OperatorCase[] = [
  one('Reshape', 'another rank', [normal(2, 3, 2)], (x) => ops.reshape(x, [4, 3])),
  one('Reshape', 'to a scalar', [normal(1, 1)], (x) => ops.reshape(x, [])),
  one('Expand', 'new and grown axes', [normal(3, 1)], (x) => ops.expand(x, [2, 3, 4])),
  one('Expand', 'a scalar', [normal()], (x) => ops.expand(x, [2, 2])),
  one('Transpose', 'a cycle of axes', [normal(2, 3, 4)], (x) => ops.transpose(x, [2, 0, 1])),
  one('Transpose', 'heads', [normal(2, 2, 3, 2)], (x) => ops.transpose(x, [0, 2, 1, 3])),
  one('Concat', 'the first axis', [normal(1, 2), normal(3, 2)], (a, b) => ops.concat([a, b], 0)),
  one('Concat', 'the last axis, one part twice', [normal(2, 1), normal(2, 2)], (a, b) =>
    ops.concat([a, b, a], -1),
  ),
  one('Split', 'all parts used', [normal(2, 6)], (x) => {
    const [a, b, c] = ops.split(x, 1, [1, 2, 3]) as [Tensor, Tensor, Tensor];
    return ops.concat([c, ops.mul(b, 2), ops.neg(a)], 1);
  }),
  one('Split', 'one part unused', [normal(5, 2)], (x) => ops.exp(ops.split(x, 0, [2, 3])[1] as Tensor)),
  one('Slice', 'one axis', [normal(4, 3)], (x) => ops.slice(x, [{ axis: 0, start: 1, end: 3 }])),
  one('Slice', 'a step that ends inside', [normal(7, 2)], (x) =>
    ops.slice(x, [{ axis: 0, start: 1, end: 6, step: 2 }]),
  ),
  one('Slice', 'a step that ends at the edge', [normal(2, 5)], (x) =>
    ops.slice(x, [{ axis: 1, start: 0, end: 5, step: 2 }]),
  ),
  one('Slice', 'two axes with steps', [normal(5, 6)], (x) =>
    ops.slice(x, [
      { axis: 0, start: 1, end: 5, step: 3 },
      { axis: -1, start: 0, end: 6, step: 4 },
    ]),
  ),
  one('Pad', 'zeros on two axes', [normal(2, 3)], (x) => ops.pad(x, [1, 0], [0, 2])),
  one('Gather', 'rows, repeated', [normal(4, 3), index([5], [2, 0, 2, 3, 2])], (x, at) => ops.gather(x, at)),
  one('Gather', 'a matrix of indices', [normal(4, 2), index([2, 2], [1, 1, 3, 0])], (x, at) =>
    ops.gather(x, at),
  ),
  one('Gather', 'a scalar index', [normal(4, 2), index([], [2])], (x, at) => ops.gather(x, at)),
  one('Gather', 'the middle axis', [normal(2, 4, 3), index([2, 2], [3, 0, 3, 1])], (x, at) =>
    ops.gather(x, at, 1),
  ),
  one('Gather', 'the last axis', [normal(2, 4), index([3], [3, 3, 0])], (x, at) => ops.gather(x, at, -1)),
];

const convCases: OperatorCase[] = [
  one('Conv', 'stride 1, no padding', [normal(2, 2, 4, 5), normal(3, 2, 3, 2), normal(3)], (x, w, b) =>
    ops.conv(x, w, b),
  ),
  one('Conv', 'stride 1, padding 1', [normal(1, 2, 4, 4), normal(2, 2, 3, 3)], (x, w) =>
    ops.conv(x, w, null, { padding: 1 }),
  ),
  one('Conv', 'stride 2, padding 1, even', [normal(2, 2, 6, 6), normal(3, 2, 3, 3), normal(3)], (x, w, b) =>
    ops.conv(x, w, b, { stride: 2, padding: 1 }),
  ),
  one('Conv', 'stride 2, padding 1, odd', [normal(1, 1, 5, 7), normal(2, 1, 3, 3)], (x, w) =>
    ops.conv(x, w, null, { stride: 2, padding: 1 }),
  ),
  one('Conv', 'few positions, many filters', [normal(3, 3, 4, 4), normal(8, 3, 3, 3), normal(8)], (x, w, b) =>
    ops.conv(x, w, b, { stride: 2, padding: 1 }),
  ),
  one('Conv', 'patches: stride as the kernel', [normal(1, 3, 4, 4), normal(2, 3, 2, 2)], (x, w) =>
    ops.conv(x, w, null, { stride: 2 }),
  ),
  one('Conv', 'a border that no window reaches', [normal(1, 1, 6, 6), normal(1, 1, 2, 2)], (x, w) =>
    ops.conv(x, w, null, { stride: 3 }),
  ),
  one('Conv', 'more zeros after than before', [normal(2, 2, 6, 6), normal(3, 2, 3, 3)], (x, w) =>
    ops.conv(x, w, null, { stride: 2, padding: 0, paddingEnd: 1 }),
  ),
  one('Conv', 'depth-wise', [normal(2, 3, 4, 5), normal(3, 1, 3, 3), normal(3)], (x, w, b) =>
    ops.conv(x, w, b, { padding: 1, groups: 3 }),
  ),
  one('Conv', 'depth-wise, stride 2, more zeros after', [normal(2, 2, 8, 8), normal(2, 1, 5, 5)], (x, w) =>
    ops.conv(x, w, null, { stride: 2, padding: 1, paddingEnd: 2, groups: 2 }),
  ),
  one('Conv', 'one by one', [normal(2, 3, 2, 2), normal(2, 3, 1, 1), normal(2)], (x, w, b) =>
    ops.conv(x, w, b),
  ),
];

/** At least one case for each gradient rule; several where broadcasting, axes, strides or repeats matter. */
export const operatorCases: readonly OperatorCase[] = [
  ...binaryCases,
  ...gateCases,
  ...unaryCases,
  ...linearCases,
  ...reduceCases,
  ...shapeCases,
  ...convCases,
];

/** Operators through which no gradient passes, for the comparison with the runtime. */
export const forwardOnlyCases: readonly OperatorCase[] = [
  one('Conv', 'in groups', [normal(2, 4, 5, 5), normal(6, 2, 3, 3), normal(6)], (x, w, b) =>
    ops.conv(x, w, b, { stride: 2, padding: 1, groups: 2 }),
  ),
  one('Greater', 'to numbers', [normal(2, 3), normal(3)], (a, b) => ops.cast(ops.greater(a, b), 'float32')),
  one('Equal', 'to numbers', [of([4], [1, 2, 3, 4]), of([4], [1, 0, 3, 5])], (a, b) =>
    ops.cast(ops.equal(a, b), 'float32'),
  ),
  one('Sign', 'both signs and zero', [of([3], [-2, 0, 3])], ops.sign),
  one('Cast', 'towards zero', [of([4], [-1.7, -0.2, 0.6, 2.9])], (x) =>
    ops.cast(ops.cast(x, 'int64'), 'float32'),
  ),
  one('Identity', 'a stopped gradient', [normal(2, 2)], ops.stopGradient),
  one('ArgMax', 'the middle axis', [apart(2, 4, 3)], (x) => ops.cast(ops.argMax(x, 1), 'float32')),
  one('ArgMax', 'the first of equals', [of([2, 3], [1, 4, 4, 0, 0, -1])], (x) =>
    ops.cast(ops.argMax(x, -1), 'float32'),
  ),
  one('Pad', 'reflected', [normal(2, 4)], (x) => ops.pad(x, [0, 2], [1, 3], 'reflect')),
  one('Pad', 'edges', [normal(2, 3)], (x) => ops.pad(x, [1, 2], [2, 1], 'edge')),
  one('MaxPool', 'halves', [normal(1, 2, 4, 5)], (x) => ops.maxPool(x, 2)),
  one('MaxPool', 'overlapping', [normal(2, 1, 5, 5)], (x) => ops.maxPool(x, 3, 2)),
  one('ConvTranspose', 'stride 2', [normal(2, 3, 3, 3), normal(3, 2, 3, 3)], (y, w) =>
    ops.convTranspose(y, w, [6, 6], { stride: 2, padding: 1 }),
  ),
  one('ConvTranspose', 'in groups', [normal(2, 4, 3, 3), normal(4, 2, 3, 3)], (y, w) =>
    ops.convTranspose(y, w, [6, 6], { stride: 2, padding: 0, paddingEnd: 1, groups: 2 }),
  ),
  one(
    'ScatterElements',
    'repeated rows',
    [normal(4, 2), index([3], [1, 3, 1]), normal(3, 2)],
    (x, at, rows) => ops.scatterAddRows(x, at, rows),
  ),
];
