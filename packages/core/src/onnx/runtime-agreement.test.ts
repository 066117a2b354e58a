import { afterAll, describe, expect, test } from 'vitest';
import { gradient } from '../autodiff/gradient.js';
import { probe } from '../autodiff/testing/check-gradients.js';
import { createSession, float32, type HostTensor, int64, type Session } from '../runtime/session.js';
import { encodeModel, OPSET } from './encode.js';
import { createGraph, type Graph, input, output, type Tensor } from './graph.js';
import { caseValues, forwardOnlyCases, type OperatorCase, operatorCases } from './testing/operator-cases.js';
import { evaluateGraph, referenceKernels } from './testing/reference-evaluator.js';
import type { Value } from './testing/reference-value.js';

/** The case's result and, where a gradient passes, the gradients of a scalar made of it. */
function built(operatorCase: OperatorCase, withGradient: boolean) {
  const graph = createGraph(`${operatorCase.op} ${operatorCase.name}`);
  const values = caseValues(operatorCase);
  const feeds: Record<string, Value> = {};
  const tensors = operatorCase.inputs.map(({ shape, dtype }, place) => {
    feeds[`x${place}`] = values[place] as Value;
    return input(graph, `x${place}`, shape, dtype);
  });
  const y = operatorCase.build(...(tensors as [Tensor, Tensor, Tensor]));
  output(graph, 'y', y);
  if (withGradient) {
    const parameters = tensors.filter((tensor) => tensor.dtype === 'float32');
    gradient(probe(graph, y), parameters).forEach((tensor, place) => {
      output(graph, `gradient_${place}`, tensor);
    });
  }
  return { graph, feeds };
}

const fed = (graph: Graph, feeds: Readonly<Record<string, Value>>): Record<string, HostTensor> =>
  Object.fromEntries(
    graph.inputs.map(({ name, dtype }) => {
      const { shape, data } = feeds[name] as Value;
      return [name, dtype === 'int64' ? int64(data, shape) : float32(Float32Array.from(data), shape)];
    }),
  );

/** Rounding of float32 over sums of a few dozen terms. */
const TOLERANCE = 2e-6;

function farthest(got: HostTensor | undefined, expected: Value): number {
  if (got?.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  return Math.max(0, ...expected.data.map((v, at) => Math.abs(v - Number(got.data[at])) / scale));
}

const seen = new Set<string>();

async function check(operatorCase: OperatorCase, withGradient: boolean): Promise<void> {
  const { graph, feeds } = built(operatorCase, withGradient);
  for (const node of graph.nodes) seen.add(node.op);
  await compare(graph, graph, feeds);
}

async function compare(
  model: Graph | Uint8Array,
  graph: Graph,
  feeds: Readonly<Record<string, Value>>,
): Promise<void> {
  const expected = evaluateGraph(graph, feeds);
  const session: Session = await createSession(model, { threads: 1 });
  try {
    const results = await session.run(fed(graph, feeds));
    for (const [name, reference] of Object.entries(expected)) {
      expect(farthest(results[name], reference), `${graph.name}, ${name}`).toBeLessThan(TOLERANCE);
    }
  } finally {
    await session.close();
  }
}

const opsOf = (cases: readonly OperatorCase[]) => [...new Set(cases.map(({ op }) => op))];

describe(`graphs on ONNX Runtime (operator set ${OPSET}) agree with plain float64 loops`, () => {
  test.each(opsOf(operatorCases))('%s, forward and backward', async (op) => {
    for (const operatorCase of operatorCases.filter((one) => one.op === op)) await check(operatorCase, true);
  });

  test.each(['FusedMatMul', 'LogSoftmax'])(
    '%s written as plain operators, for providers without a kernel for it',
    async (op) => {
      for (const operatorCase of operatorCases.filter((one) => one.op === op)) {
        const { graph, feeds } = built(operatorCase, true);
        const bytes = encodeModel(graph, { plainOperators: true });
        // The tag and length of a node's operator, as protobuf writes them; values keep their names.
        const operator = `\u0022${String.fromCharCode(op.length)}${op}`;
        expect(Buffer.from(encodeModel(graph)).includes(operator)).toBe(true);
        expect(Buffer.from(bytes).includes(operator)).toBe(false);
        await compare(bytes, graph, feeds);
      }
    },
  );

  test.each(opsOf(forwardOnlyCases))('%s, forward', async (op) => {
    for (const operatorCase of forwardOnlyCases.filter((one) => one.op === op))
      await check(operatorCase, false);
  });

  afterAll(() => {
    expect([...seen].sort()).toEqual(Object.keys(referenceKernels).sort());
  });
});
