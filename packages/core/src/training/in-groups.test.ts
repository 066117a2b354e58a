import { describe, expect, it } from 'vitest';
import { gradient } from '../autodiff/gradient.js';
import { linear } from '../nn/linear.js';
import { bindParameters, initialise, within } from '../nn/parameters.js';
import { createGraph, input, output, type Tensor } from '../onnx/graph.js';
import { mul, reduceMean, relu } from '../onnx/ops/index.js';
import { createRandom } from '../random.js';
import { createSession, float32, type HostTensor } from '../runtime/session.js';
import { GROUP, inGroups, rowsOf } from './in-groups.js';

const BATCH = 2 * GROUP + 3;
const [WIDTH, HIDDEN] = [5, 7];

describe('a batch in groups', () => {
  const random = createRandom('groups');
  const weights = initialise(
    {
      'up.weight': { shape: [HIDDEN, WIDTH], init: 1 },
      'up.bias': { shape: [HIDDEN], init: 1 },
      'down.weight': { shape: [WIDTH, HIDDEN], init: 1 },
      'down.bias': { shape: [WIDTH], init: 1 },
    },
    random,
  );
  const x = float32(
    Float32Array.from({ length: BATCH * WIDTH }, () => random.normal()),
    [BATCH, WIDTH],
  );

  /** The loss, the rows and the gradients of a small perceptron, and how often each operator stands in its graph. */
  async function run(grouped: boolean) {
    const graph = createGraph('groups');
    const { source, bound } = bindParameters(graph, weights, () => true);
    const rows = input(graph, 'x', [BATCH, WIDTH]);
    const perceptron = (part: Tensor) =>
      linear(within(source, 'down'), relu(linear(within(source, 'up'), part, WIDTH, HIDDEN)), HIDDEN, WIDTH);
    const [y] = grouped
      ? inGroups(graph, BATCH, (start, end) => [perceptron(rowsOf(rows, start, end))])
      : [perceptron(rows)];
    const loss = reduceMean(mul(y as Tensor, y as Tensor));
    output(graph, 'y', y as Tensor);
    gradient(loss, [...bound.values()]).forEach((tensor, index) => {
      output(graph, `gradient/${index}`, tensor);
    });
    const feeds: Record<string, HostTensor> = { x };
    for (const [name, { data, shape }] of weights) feeds[name] = float32(data, shape);
    const session = await createSession(graph);
    const results = await session.run(feeds);
    await session.close();
    return {
      results,
      sums: graph.nodes.filter(({ op, inputs }) => op === 'Gemm' && inputs.length === 3).length,
    };
  }

  it('gives the rows and the gradients of the whole, the last group being smaller', async () => {
    const [whole, parts] = [await run(false), await run(true)];
    expect(Object.keys(parts.results)).toHaveLength(5);
    for (const [name, { data, shape }] of Object.entries(whole.results)) {
      const got = parts.results[name];
      expect(got?.shape, name).toEqual(shape);
      const expected = data as Float32Array;
      const gap = Math.max(...expected.map((value, at) => Math.abs(value - Number(got?.data[at]))));
      expect(gap, name).toBeLessThan(1e-5);
    }
  });

  it('adds up a weight’s gradient inside its products', async () => {
    // Two weights, three groups: the first product of each has nothing to add to.
    expect((await run(true)).sums).toBe(4);
    expect((await run(false)).sums).toBe(0);
  });
});
