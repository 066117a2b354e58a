import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gradient } from '../autodiff/gradient.js';
import { createSession, float32 } from '../runtime/session.js';
import { symbol } from './dims.js';
import { encodeModel } from './encode.js';
import { GraphError, ShapeError } from './errors.js';
import { constant, createGraph, initializer, input, intConstant, output, type Tensor } from './graph.js';
import * as ops from './ops/index.js';

/** What the runtime's profile says of a kernel. */
const profile = z.array(
  z.object({
    args: z
      .object({ op_name: z.string().optional(), output_type_shape: z.array(z.unknown()).optional() })
      .optional(),
  }),
);

const tensor = (shape: readonly number[], name = 'x', graph = createGraph('g')): Tensor =>
  input(graph, name, shape);

/** Two tensors of one graph. */
const pair = (a: readonly number[], b: readonly number[]): [Tensor, Tensor] => {
  const graph = createGraph('g');
  return [tensor(a, 'a', graph), tensor(b, 'b', graph)];
};

describe('a graph that cannot run is refused while it is built, with the sizes', () => {
  const refused: [string, () => unknown, string][] = [
    ['matrix product', () => ops.matMul(...pair([2, 3], [4, 5])), '[2, 3] and [4, 5] differ'],
    ['product of a vector', () => ops.matMul(...pair([3], [3, 2])), 'expected [.., m, k] · [.., k, n]'],
    [
      'leading axes of a product',
      () => ops.matMul(...pair([2, 2, 3], [3, 3, 2])),
      '[2] and [3] do not broadcast',
    ],
    [
      'transposed product',
      () => ops.fusedMatMul(...pair([2, 3], [3, 4]), { transA: true }),
      '[3, 2] and [3, 4]',
    ],
    ['Gemm on rank 3', () => ops.gemm(...pair([1, 2, 3], [3, 4])), 'expected two matrices'],
    [
      'Gemm bias',
      () => {
        const graph = createGraph('g');
        const [a, b, c] = [tensor([2, 3], 'a', graph), tensor([3, 4], 'b', graph), tensor([3], 'c', graph)];
        ops.gemm(a, b, c);
      },
      '[2, 4] and [3] do not broadcast',
    ],
    [
      'a Gemm bias that would grow the result',
      () => {
        const graph = createGraph('g');
        const [a, b, c] = [
          tensor([1, 3], 'a', graph),
          tensor([3, 4], 'b', graph),
          tensor([2, 4], 'c', graph),
        ];
        ops.gemm(a, b, c);
      },
      'the bias [2, 4] does not fit into [1, 4]',
    ],
    ['sum of two shapes', () => ops.add(...pair([2, 3], [2])), 'Add: [2, 3] and [2] do not broadcast'],
    ['reshape', () => ops.reshape(tensor([2, 3]), [4, 2]), '[2, 3] does not have as many elements as [4, 2]'],
    ['axis of a sum', () => ops.reduceSum(tensor([2, 3]), { axes: [2] }), 'axis 2 is outside'],
    ['axis from the end', () => ops.softmax(tensor([2, 3]), -3), 'axis -3 is outside a tensor of rank 2'],
    [
      'an axis named twice',
      () => ops.reduceMean(tensor([2, 3]), { axes: [1, -1] }),
      'an axis is named twice in [1, 1]',
    ],
    ['permutation', () => ops.transpose(tensor([2, 3]), [0, 0]), '[0,0] is no permutation'],
    ['concat', () => ops.concat(pair([2, 3], [3, 4]), 1), 'Concat on axis 1: [3, 4] does not fit [2, 3]'],
    ['concat of nothing', () => ops.concat([], 0), 'at least one tensor'],
    ['slice', () => ops.slice(tensor([4]), [{ axis: 0, start: 2, end: 5 }]), '2..5 step 1 does not fit'],
    [
      'slice of an axis named twice',
      () =>
        ops.slice(tensor([4]), [
          { axis: 0, start: 1, end: 4 },
          { axis: -1, start: 0, end: 2 },
        ]),
      'axis 0 is named twice',
    ],
    ['split', () => ops.split(tensor([2, 6]), 1, [2, 3]), 'parts of 2 + 3 do not fill axis 1'],
    ['expand', () => ops.expand(tensor([2, 3]), [2, 4]), '[2, 3] cannot be repeated to [2, 4]'],
    ['expand to fewer axes', () => ops.expand(tensor([2, 3]), [3]), 'cannot be repeated to [3]'],
    ['pad', () => ops.pad(tensor([2, 3]), [1], [1]), 'one amount an axis'],
    ['gather', () => ops.gather(...pair([4, 2], [3])), 'indices must be int64, got float32'],
    ['channels', () => ops.conv(...pair([1, 3, 8, 8], [4, 2, 3, 3]), null), 'expected [n, c, h, w]'],
    ['kernel', () => ops.conv(...pair([1, 3, 2, 2], [4, 3, 3, 3]), null), 'is larger than [1, 3, 2, 2]'],
    [
      'scale of a normalisation',
      () => {
        const [x, scale] = pair([2, 4], [3]);
        ops.layerNormalization(x, scale, scale);
      },
      'must be [4]',
    ],
    [
      'initializer',
      () => initializer(createGraph('g'), 'w', [2, 2], new Float32Array(3), 'float32'),
      '3 elem',
    ],
    [
      'two symbols in one product',
      () => ops.reshape(input(createGraph('g'), 'x', [symbol('n'), symbol('m')]), [symbol('n')]),
      'the product of n and m',
    ],
  ];

  test.each(refused)('%s', (_name, build, message) => {
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(message);
  });

  test('tensors of two graphs do not mix', () => {
    const [a, b] = [tensor([2], 'a', createGraph('one')), tensor([2], 'b', createGraph('two'))];
    expect(() => ops.add(a, b)).toThrow(GraphError);
    expect(() => ops.add(a, b)).toThrow('"b" belongs to graph "two", not "one"');
    expect(() => output(createGraph('three'), 'y', a)).toThrow('belongs to another graph');
  });

  test('a name is used once, among inputs, initializers and outputs alike', () => {
    const graph = createGraph('g');
    const x = input(graph, 'x', [2]);
    expect(() => input(graph, 'x', [2])).toThrow('the name "x" is used twice');
    expect(() => initializer(graph, 'x', [1], Float32Array.of(1), 'float32')).toThrow(GraphError);
    expect(() => output(graph, 'x', x)).toThrow(GraphError);
  });

  test('element types do not mix', () => {
    const graph = createGraph('g');
    const x = input(graph, 'x', [2]);
    const whole = input(graph, 'whole', [2], 'int64');
    expect(() => ops.add(x, whole)).toThrow('Add: float32 and int64 do not mix');
    expect(() => ops.concat([x, whole], 0)).toThrow('Concat: float32 and int64 do not mix');
    expect(() => ops.where(x, x, x)).toThrow('Where: the condition must be bool, got float32');
    expect(() => ops.where(ops.greater(x, 0), x, whole)).toThrow('Where: float32 and int64 do not mix');
    expect(() => ops.matMul(...([ops.reshape(x, [1, 2]), ops.reshape(whole, [2, 1])] as const))).toThrow(
      'MatMul: float32 and int64 do not mix',
    );
  });
});

describe('encoding', () => {
  test('every element type, attribute and shape arrives at the runtime as it was written', async () => {
    const graph = createGraph('round trip');
    const x = input(graph, 'x', [symbol('n'), 2]);
    const half = initializer(graph, 'half', [2], Uint16Array.of(0x3c00, 0xc100), 'float16');
    const small = initializer(graph, 'small', [2], Int32Array.of(-7, 2 ** 31 - 1), 'int32');
    const bytes = initializer(graph, 'bytes', [2], Uint8Array.of(0, 255), 'uint8');
    const truth = initializer(graph, 'truth', [2], Uint8Array.of(1, 0), 'bool');
    const long = intConstant(graph, [2 ** 53 - 1, -1]);
    for (const [name, stored] of Object.entries({ half, small, bytes, truth, long })) {
      output(graph, `${name}_out`, stored);
    }
    output(graph, 'scaled', ops.leakyRelu(ops.transpose(x, [1, 0]), 0.125));
    const session = await createSession(graph, { threads: 1 });
    const result = await session.run({ x: float32(Float32Array.of(1, -8, 3, -4, 5, 6), [3, 2]) });
    await session.close();
    expect(session.inputNames).toEqual(['x']);
    expect(result.small_out?.data).toEqual(Int32Array.of(-7, 2 ** 31 - 1));
    expect(result.bytes_out?.data).toEqual(Uint8Array.of(0, 255));
    expect(result.truth_out?.data).toEqual(Uint8Array.of(1, 0));
    expect(result.long_out?.data).toEqual(BigInt64Array.of(9007199254740991n, -1n));
    expect(Array.from(new Uint16Array(result.half_out?.data.buffer as ArrayBuffer))).toEqual([
      0x3c00, 0xc100,
    ]);
    expect(result.scaled).toEqual(float32(Float32Array.of(1, 3, 5, -1, -0.5, 6), [2, 3]));
  });

  test('the runtime computes the gradient of the last weight first, whatever else waits', async () => {
    const graph = createGraph('two layers');
    const x = input(graph, 'x', [11, 4]);
    const [w, v] = [input(graph, 'w', [4, 7]), input(graph, 'v', [7, 3])];
    const loss = ops.reduceSum(ops.tanh(ops.gemm(ops.tanh(ops.gemm(x, w)), v)), { axes: [0, 1] });
    output(graph, 'loss', loss);
    for (const [i, tensor] of gradient(loss, [w, v]).entries()) output(graph, `gradient ${i}`, tensor);
    const folder = await mkdtemp(join(tmpdir(), 'freestyle-profile-'));
    const session = await createSession(graph, { threads: 1, profilePrefix: join(folder, 'run') });
    const feed = (...shape: [number, number]) =>
      float32(new Float32Array(shape[0] * shape[1]).fill(0.1), shape);
    await session.run({ x: feed(11, 4), w: feed(4, 7), v: feed(7, 3) });
    session.endProfiling();
    await session.close();
    const [file = ''] = await readdir(folder);
    const events = profile.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    await rm(folder, { recursive: true });
    const made = events.flatMap(({ args }) =>
      args?.op_name === 'Gemm' ? (args.output_type_shape ?? []) : [],
    );
    // The two forwards are fused with their activation. Then v's gradient, what goes back through v, and w's gradient.
    const shapes = [
      [7, 3],
      [11, 7],
      [4, 7],
    ];
    expect(made).toEqual(shapes.map((float) => ({ float })));
  });

  test('what leads to no output is left out of the model', () => {
    const make = (waste: boolean) => {
      const graph = createGraph('lean');
      const x = input(graph, 'x', [2]);
      if (waste) ops.add(x, constant(graph, new Float32Array(1000), [500, 2]));
      output(graph, 'y', ops.exp(x));
      return encodeModel(graph).length;
    };
    // A few bytes come from longer automatic names.
    expect(make(true) - make(false)).toBeLessThan(20);
  });

  test('a small constant used often is stored once', () => {
    const graph = createGraph('constants');
    const x = input(graph, 'x', [2]);
    output(graph, 'y', ops.mul(ops.mul(ops.add(x, 0.5), 0.5), 0.5));
    expect(graph.initializers).toHaveLength(1);
  });
});
