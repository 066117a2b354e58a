import { describe, expect, test } from 'vitest';
import { gradient } from '../../autodiff/gradient.js';
import { defaultSmallConfig } from '../../models/small/config.js';
import { imageTower, imageTowerSpecs } from '../../models/small/image-tower.js';
import { bindParameters, initialise, within } from '../../nn/parameters.js';
import { createRandom } from '../../random.js';
import { findChannelBlock, type RunModel } from '../../runtime/channel-block.js';
import { runProfiled } from '../../runtime/placements.js';
import { createSession, float32, type HostTensor } from '../../runtime/session.js';
import { encodeModel } from '../encode.js';
import { createGraph, type Graph, initializer, input, output, type Tensor } from '../graph.js';
import { add, conv, convTranspose, gemm, mul, reduceSum, relu, sigmoid, sub } from '../ops/index.js';
import { BLOCKED_DOMAIN } from './forms.js';
import { inBlocks } from './in-blocks.js';
import { hasComputedWeights } from './product.js';

const random = createRandom('products in blocks');
const normal = (...shape: number[]): HostTensor =>
  float32(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );

async function results(model: Uint8Array, feeds: Record<string, HostTensor>) {
  const session = await createSession(model);
  return session.run(feeds).finally(() => session.close());
}

const runProduct: RunModel = async (model, a, b) => {
  const side = Math.sqrt(a.length);
  const { y } = await results(model, { a: float32(a, [side, side]), b: float32(b, [side, side]) });
  return y?.data as Float32Array;
};

const block = await findChannelBlock(runProduct);
const onThisCpu = test.skipIf(block === null);

const convolutions = (graph: Graph): number =>
  inBlocks(graph, graph.nodes, 16).filter(({ op, domain }) => op === 'Conv' && domain === BLOCKED_DOMAIN)
    .length;

/** Every output with and without blocks, as far apart as rounding lets them be. */
async function agree(graph: Graph, feeds: Record<string, HostTensor>): Promise<void> {
  const expected = await results(encodeModel(graph), feeds);
  const got = await results(encodeModel(graph, { channelBlock: block }), feeds);
  expect(Object.keys(got)).toEqual(Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    const [one, other] = [data, got[name]?.data] as [Float32Array, Float32Array];
    expect(got[name]?.shape, name).toEqual(shape);
    const size = Math.sqrt(one.reduce((sum, value) => sum + value ** 2, 0) / one.length);
    const apart = one.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? Number.NaN))),
      0,
    );
    expect(apart / size, name).toBeLessThan(1e-4);
  }
}

/** A residual perceptron on two groups of rows, its loss, and all gradients: what a training step consists of. */
function perceptron(rows: number, width: number, hidden: number) {
  const graph = createGraph('perceptron');
  const shapes = { up: [hidden, width], bias: [hidden], down: [width, hidden], last: [width] };
  const weights = Object.entries(shapes).map(([name, shape]) => input(graph, name, shape));
  const [up, bias, down, last] = weights as [Tensor, Tensor, Tensor, Tensor];
  const feeds = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, normal(...shape)]));
  const losses = ['one', 'other'].map((name) => {
    const x = input(graph, name, [rows, width]);
    feeds[name] = normal(rows, width);
    const z = mul(add(gemm(x, up, null, { transB: true }), bias), 0.05);
    const y = add(x, add(gemm(mul(z, sigmoid(z)), down, null, { transB: true }), last));
    output(graph, `y of ${name}`, y);
    return reduceSum(mul(y, y), { axes: [0, 1] });
  });
  const loss = add(losses[0] as Tensor, losses[1] as Tensor);
  gradient(loss, [...weights, ...graph.inputs.slice(4)]).forEach((tensor, place) => {
    output(graph, `gradient ${place}`, tensor);
  });
  return { graph, feeds };
}

/** Convolutions one after the other, the first of pictures with three channels, and the gradients of their weights. */
function stem(convolutions: readonly { filters: number; kernel: number; stride: number }[]) {
  const graph = createGraph('stem');
  const feeds: Record<string, HostTensor> = { x: normal(16, 3, 64, 64) };
  let x = input(graph, 'x', [16, 3, 64, 64]);
  const weights = convolutions.flatMap(({ filters, kernel, stride }, layer) => {
    const shape = [filters, x.shape[1] as number, kernel, kernel];
    const names = [`weight ${layer}`, `bias ${layer}`] as const;
    feeds[names[0]] = normal(...shape);
    feeds[names[1]] = normal(filters);
    const [weight, bias] = [input(graph, names[0], shape), input(graph, names[1], [filters])];
    x = relu(conv(x, weight, bias, { stride, padding: kernel === 3 ? 1 : 0 }));
    return [weight, bias];
  });
  output(graph, 'y', x);
  gradient(reduceSum(x, { axes: [0, 1, 2, 3] }), weights).forEach((tensor, place) => {
    output(graph, `gradient ${place}`, tensor);
  });
  return { graph, feeds };
}

/** Two transposed convolutions of which the second reads what is left of the first where a mask lets it, by a weight that is
 *  computed and one that is constant. */
function transposed(kernel: number, stride: number, padding: number, size: readonly [number, number]) {
  const graph = createGraph('transposed');
  const channels = 256;
  const down = (lines: number) => Math.floor((lines + 2 * padding - kernel) / stride) + 1;
  const half = size.map(down) as [number, number];
  const quarter = half.map(down) as [number, number];
  const weight = [channels, channels, kernel, kernel];
  const feeds = { x: normal(4, channels, ...quarter), weight: normal(...weight) };
  const x = input(graph, 'x', feeds.x.shape);
  const one = input(graph, 'weight', weight);
  const data = normal(...weight).data as Float32Array;
  const other = initializer(graph, 'constant', weight, data, 'float32');
  const first = relu(convTranspose(x, one, half, { stride, padding }));
  output(graph, 'first', first);
  output(graph, 'second', convTranspose(first, other, [...size], { stride, padding }));
  return { graph, feeds };
}

describe('products of computed matrices as convolutions in blocks', () => {
  onThisCpu('a perceptron and its gradients are the same, bias sums included', async () => {
    // Of 520 rows only the columns fill blocks.
    for (const [rows, share] of [
      [512, 0.5],
      [520, 0.1],
    ] as const) {
      const { graph, feeds } = perceptron(rows, 256, 1024);
      const products = graph.nodes.filter(({ op }) => op === 'Gemm').length;
      expect(convolutions(graph) / products, `${rows} rows`).toBeGreaterThan(share);
      await agree(graph, feeds);
    }
  });

  onThisCpu('a session of a graph is compiled so by itself', async () => {
    const { graph, feeds } = perceptron(512, 256, 1024);
    const { placements } = await runProfiled(graph, feeds, 'cpu');
    expect(placements.map(({ operator }) => operator)).toContain('ReorderInput');
  });

  onThisCpu(
    'every side may be turned, and a sum may begin with something',
    async () => {
      const side = 1664;
      const [a, b, c] = [normal(side, side), normal(side, side), normal(side, side)];
      for (const [transA, transB] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ]) {
        const graph = createGraph('turned');
        const [first, second, third] = ['a', 'b', 'c'].map((name) => input(graph, name, [side, side])) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        output(graph, 'plain', gemm(first, second, null, { transA, transB }));
        output(graph, 'onto', gemm(first, second, third, { transA, transB }));
        expect(convolutions(graph)).toBe(2);
        await agree(graph, { a, b, c });
      }
    },
    60_000,
  );

  onThisCpu('what is read in blocks and in rows is there in both', async () => {
    const { graph, feeds } = perceptron(512, 256, 1024);
    const hidden = graph.nodes.find(({ op }) => op === 'Sigmoid')?.outputs[0] as Tensor;
    output(graph, 'gate', hidden);
    output(graph, 'sum', reduceSum(sub(hidden, 1), { axes: [1] }));
    await agree(graph, feeds);
  });

  onThisCpu('convolutions by computed filters are the same, of few channels and of many', async () => {
    const patches = stem([{ filters: 256, kernel: 16, stride: 16 }]);
    expect(convolutions(patches.graph)).toBe(1);
    await agree(patches.graph, patches.feeds);
    const layers = [32, 64, 128].map((filters) => ({ filters, kernel: 3, stride: 2 }));
    const early = stem(layers);
    const inLayout = inBlocks(early.graph, early.graph.nodes, 16).filter(
      ({ domain }) => domain === BLOCKED_DOMAIN,
    );
    // The second and the third, between which nothing is moved.
    expect(inLayout.filter(({ op }) => op === 'Conv').length).toBeGreaterThanOrEqual(2);
    await agree(early.graph, early.feeds);
  });

  onThisCpu('a transposed convolution comes apart by the phases of its lines', async () => {
    for (const [kernel, stride, padding, size] of [
      [3, 2, 1, [48, 64]],
      [4, 2, 1, [32, 32]],
      [3, 1, 1, [24, 40]],
      [5, 3, 1, [54, 36]],
      [2, 2, 0, [64, 64]],
    ] as const) {
      const name = `kernel ${kernel}, stride ${stride}, padding ${padding}`;
      const { graph, feeds } = transposed(kernel, stride, padding, size);
      const records = inBlocks(graph, graph.nodes, 16);
      expect(records.filter(({ op }) => op === 'ConvTranspose').length, name).toBe(0);
      expect(convolutions(graph), name).toBe(2 * stride ** 2);
      await agree(graph, feeds);
    }
    for (const [kernel, stride, padding, size] of [
      // Lines that no tap reaches, and phases of different sizes.
      [2, 3, 0, [48, 48]],
      [3, 2, 1, [45, 61]],
    ] as const) {
      const { graph } = transposed(kernel, stride, padding, size);
      expect(convolutions(graph), `kernel ${kernel}, stride ${stride}`).toBe(0);
    }
  });

  test('sizes that fill no block, small ones, scaled ones and constants stay products', () => {
    const odd = perceptron(510, 250, 1018).graph;
    expect(convolutions(odd)).toBe(0);
    expect(convolutions(perceptron(16, 32, 64).graph)).toBe(0);
    const graph = createGraph('constant and scaled');
    const x = input(graph, 'x', [2048, 2048]);
    const weight = initializer(graph, 'weight', [2048, 2048], new Float32Array(2048 ** 2), 'float32');
    output(graph, 'constant', gemm(x, weight));
    output(graph, 'computed once', gemm(x, mul(weight, 1.702)));
    output(graph, 'scaled', gemm(x, x, null, { alpha: 0.5 }));
    expect(convolutions(graph)).toBe(0);
  });

  test('a tower that encodes has nothing to put in the layout, nor to look for it', () => {
    const graph = createGraph('encoder');
    const config = defaultSmallConfig;
    const weights = initialise(imageTowerSpecs('image', config), createRandom('encoder'));
    const { size } = config.image;
    const pixels = input(graph, 'pixels', [32, size, size, 3], 'uint8');
    const { source } = bindParameters(graph, weights);
    output(graph, 'embedding', imageTower(within(source, 'image'), pixels, config).embedding);
    expect(hasComputedWeights(graph)).toBe(false);
    expect(convolutions(graph)).toBe(0);
  });
});

describe('the channel block of this machine', () => {
  test('is none where no layout gives the right product, or none can be run', async () => {
    const isPlain = (model: Uint8Array) => !Buffer.from(model).includes('com.microsoft.nchwc');
    const wrong: RunModel = async (model, a, b) =>
      isPlain(model) ? runProduct(model, a, b) : new Float32Array(a.length);
    expect(await findChannelBlock(wrong)).toBeNull();
    const failing: RunModel = (model, a, b) =>
      isPlain(model) ? runProduct(model, a, b) : Promise.reject(new Error('no such operator'));
    expect(await findChannelBlock(failing)).toBeNull();
  });
});
