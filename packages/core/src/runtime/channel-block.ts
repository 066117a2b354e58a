import { encodeModel } from '../onnx/encode.js';
import { createGraph, input, output } from '../onnx/graph.js';
import { gemm } from '../onnx/ops/index.js';
import { createRandom } from '../random.js';

/** Channels that the CPU's convolutions keep together: 16 with AVX-512, 8 with the vectors before it. The runtime does not
 *  tell. */
const CANDIDATES = [16, 8];

/** Rows, columns and depth of the product that is tried: large enough to be written in blocks. */
const SIZE = 768;
/** Rounding of sums of {@link SIZE} products of numbers about one. */
const TOLERANCE = 1e-3;

/** Runs a model with the inputs `a` and `b` and gives its output `y`; fails where the runtime does. */
export type RunModel = (model: Uint8Array, a: Float32Array, b: Float32Array) => Promise<Float32Array>;

/** The channel block of the runtime's convolutions on this machine: the one with which a product comes out right. Null where
 *  none does, or where the runtime does not know the layout; products then stay products. */
export async function findChannelBlock(run: RunModel): Promise<number | null> {
  const graph = createGraph('product');
  const shape = [SIZE, SIZE];
  output(graph, 'y', gemm(input(graph, 'a', shape), input(graph, 'b', shape), null, { transA: true }));
  const random = createRandom('channel block');
  const [a, b] = [0, 1].map(() => Float32Array.from({ length: SIZE * SIZE }, () => random.normal())) as [
    Float32Array,
    Float32Array,
  ];
  const plain = encodeModel(graph);
  const expected = await run(plain, a, b);
  for (const channelBlock of CANDIDATES) {
    const blocked = encodeModel(graph, { channelBlock });
    // A product that was not written in blocks would prove nothing.
    if (blocked.length === plain.length) continue;
    const got = await run(blocked, a, b).catch(() => null);
    if (got?.every((value, at) => Math.abs(value - (expected[at] ?? Number.NaN)) < TOLERANCE))
      return channelBlock;
  }
  return null;
}
