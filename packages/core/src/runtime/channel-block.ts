import { encodeModel } from '../onnx/encode.js';
import { createGraph, type Graph, input, output } from '../onnx/graph.js';
import { conv, gemm, reshape } from '../onnx/ops/index.js';
import { createRandom } from '../random.js';

/** Channels that the CPU's convolutions keep together: 16 with AVX-512, 8 with the vectors before it. The runtime does not
 *  tell. */
const CANDIDATES = [16, 8];

/** Rows, columns and depth of the product that is tried: large enough to be written in blocks. */
const SIZE = 768;
/** As many numbers as the product's sides have: pictures and filters of the convolution that is tried. */
const PICTURES = [4, 256, 24, 24];
const FILTERS = [256, 256, 3, 3];
/** Rounding of sums of a few thousand products of numbers about one. */
const TOLERANCE = 1e-3;

/** Runs a model with the inputs `a` and `b`, both {@link SIZE} × {@link SIZE}, and gives its output `y`; fails where the
 *  runtime does. */
export type RunModel = (model: Uint8Array, a: Float32Array, b: Float32Array) => Promise<Float32Array>;

/** The channel block of the runtime's convolutions on this machine: the one with which a product and a convolution come
 *  out right. A product alone does not tell: where every filter has a single tap, blocks of 8 read as blocks of 16 are
 *  as good. Null where none is right, or where the runtime does not know the layout; products then stay products. */
export async function findChannelBlock(run: RunModel): Promise<number | null> {
  const random = createRandom('channel block');
  const [a, b] = [0, 1].map(() => Float32Array.from({ length: SIZE * SIZE }, () => random.normal())) as [
    Float32Array,
    Float32Array,
  ];
  const trials = [];
  for (const graph of [product(), convolution()]) {
    const plain = encodeModel(graph);
    trials.push({ graph, plain, expected: await run(plain, a, b) });
  }
  for (const channelBlock of CANDIDATES) {
    let isRight = true;
    for (const { graph, plain, expected } of trials) {
      const blocked = encodeModel(graph, { channelBlock });
      // What was not written in blocks would prove nothing.
      const got = blocked.length === plain.length ? null : await run(blocked, a, b).catch(() => null);
      isRight &&=
        got?.every((value, at) => Math.abs(value - (expected[at] ?? Number.NaN)) < TOLERANCE) === true;
      if (!isRight) break;
    }
    if (isRight) return channelBlock;
  }
  return null;
}

function product(): Graph {
  const graph = createGraph('product');
  const shape = [SIZE, SIZE];
  output(graph, 'y', gemm(input(graph, 'a', shape), input(graph, 'b', shape), null, { transA: true }));
  return graph;
}

function convolution(): Graph {
  const graph = createGraph('convolution');
  const shape = [SIZE, SIZE];
  const pictures = reshape(input(graph, 'a', shape), PICTURES);
  const filters = reshape(input(graph, 'b', shape), FILTERS);
  output(graph, 'y', conv(pictures, filters, null, { padding: 1 }));
  return graph;
}
