import { gradient } from '../../autodiff/gradient.js';
import { probe } from '../../autodiff/testing/check-gradients.js';
import { createGraph, type Graph, input, output, type Tensor } from '../../onnx/graph.js';
import {
  caseValues,
  forwardOnlyCases,
  type OperatorCase,
  operatorCases,
} from '../../onnx/testing/operator-cases.js';
import { evaluateGraph } from '../../onnx/testing/reference-evaluator.js';
import type { Value } from '../../onnx/testing/reference-value.js';
import { executionProviderName, runProfiled } from '../../runtime/placements.js';
import { float32, type HostTensor, int64, type Provider } from '../../runtime/session.js';

/** One operator, all of its cases, forward and backward. */
export interface OperatorCheck {
  readonly op: string;
  readonly cases: number;
  /** Largest distance from float64, as a share of the largest number of its result (of one where that is smaller). */
  readonly gap: number;
  /** Operators that the provider left to another one. */
  readonly elsewhere: readonly string[];
}

/** Runs each operator's cases on a provider, in one graph each, and compares with plain float64 loops. */
export async function checkOperators(
  provider: Provider,
  onCheck: (check: OperatorCheck) => void,
  wanted: (op: string) => boolean = () => true,
): Promise<void> {
  const withGradient = new Set(operatorCases);
  const all = [...operatorCases, ...forwardOnlyCases];
  for (const op of [...new Set(all.map((one) => one.op))].filter(wanted)) {
    const cases = all.filter((one) => one.op === op);
    const graph = createGraph(op, provider);
    const feeds: Record<string, Value> = {};
    cases.forEach((one, at) => {
      addCase(graph, one, `${at}`, withGradient.has(one), feeds);
    });
    const { results, placements } = await runProfiled(graph, fed(graph, feeds), provider);
    const expected = evaluateGraph(graph, feeds);
    const gaps = Object.entries(expected).map(([name, value]) => distance(results[name], value));
    const strangers = placements.filter((one) => one.provider !== executionProviderName[provider]);
    onCheck({
      op,
      cases: cases.length,
      gap: Math.max(...gaps),
      elsewhere: [...new Set(strangers.map(({ operator }) => operator))],
    });
  }
}

function addCase(
  graph: Graph,
  one: OperatorCase,
  prefix: string,
  withGradient: boolean,
  feeds: Record<string, Value>,
): void {
  const values = caseValues(one);
  const tensors = one.inputs.map(({ shape, dtype }, place) => {
    const name = `${prefix}/x${place}`;
    feeds[name] = values[place] as Value;
    return input(graph, name, shape, dtype);
  });
  const y = one.build(...(tensors as [Tensor, Tensor, Tensor]));
  output(graph, `${prefix}/y`, y);
  if (!withGradient) return;
  const parameters = tensors.filter(({ dtype }) => dtype === 'float32');
  gradient(probe(graph, y), parameters).forEach((tensor, place) => {
    output(graph, `${prefix}/gradient_${place}`, tensor);
  });
}

const fed = (graph: Graph, feeds: Readonly<Record<string, Value>>): Record<string, HostTensor> =>
  Object.fromEntries(
    graph.inputs.map(({ name, dtype }) => {
      const { shape, data } = feeds[name] as Value;
      return [name, dtype === 'int64' ? int64(data, shape) : float32(Float32Array.from(data), shape)];
    }),
  );

function distance(got: HostTensor | undefined, expected: Value): number {
  if (got?.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  return Math.max(0, ...expected.data.map((value, at) => Math.abs(value - Number(got.data[at])) / scale));
}
