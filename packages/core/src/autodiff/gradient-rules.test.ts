import { describe, expect, test } from 'vitest';
import { createGraph, type GraphTarget, input, type Tensor } from '../onnx/graph.js';
import { add, pad, stopGradient } from '../onnx/ops/index.js';
import { caseValues, type OperatorCase, operatorCases } from '../onnx/testing/operator-cases.js';
import { evaluate } from '../onnx/testing/reference-evaluator.js';
import type { Value } from '../onnx/testing/reference-value.js';
import { MissingGradientError } from './errors.js';
import { gradient, gradientRules } from './gradient.js';
import { gradientMismatches, probe } from './testing/check-gradients.js';

/** The graph of a case with a scalar on top. */
function built(operatorCase: OperatorCase, target: GraphTarget = 'cpu') {
  const graph = createGraph(operatorCase.op, target);
  const values = caseValues(operatorCase);
  const feeds = new Map<Tensor, Value>();
  const tensors = operatorCase.inputs.map(({ shape, dtype }, place) => {
    const tensor = input(graph, `x${place}`, shape, dtype);
    feeds.set(tensor, values[place] as Value);
    return tensor;
  });
  const y = operatorCase.build(...(tensors as [Tensor, Tensor, Tensor]));
  const parameters = tensors.filter((tensor) => tensor.dtype === 'float32');
  return { graph, feeds, loss: probe(graph, y), parameters };
}

describe('gradient rules agree with central differences', () => {
  test.each(Object.keys(gradientRules))('%s', (op) => {
    const cases = operatorCases.filter((operatorCase) => operatorCase.op === op);
    expect(cases.length, `no case checks the rule of ${op}; add one to operator-cases.ts`).toBeGreaterThan(0);
    for (const operatorCase of cases) {
      const { graph, feeds, loss, parameters } = built(operatorCase);
      expect(
        graph.nodes.map((node) => node.op),
        operatorCase.name,
      ).toContain(op);
      expect(gradientMismatches(loss, parameters, feeds), `${op}: ${operatorCase.name}`).toEqual([]);
      // Each alone, too: a rule may leave out what nobody wants, and only that.
      for (const parameter of parameters) {
        expect(gradientMismatches(loss, [parameter], feeds), `${op}: ${operatorCase.name}, alone`).toEqual(
          [],
        );
      }
    }
  });
});

const normal = (...shape: number[]) => ({ shape, numbers: 'normal', dtype: 'float32' }) as const;

/** Rows enough for a sum in stages, and a number of them that cannot be parted. */
const manyRows: OperatorCase[] = [192, 74].map((rows) => ({
  op: 'Add',
  name: `a row to ${rows} rows`,
  inputs: [normal(rows, 3), normal(3)],
  build: (x, y) => add(x, y),
}));

describe.each(['webgpu', 'cuda'] as const)('gradient rules in the form of %s', (target) => {
  test.each(['Conv', 'LayerNormalization', 'Add'])('%s agrees with central differences', (op) => {
    for (const one of [...operatorCases, ...manyRows].filter((operatorCase) => operatorCase.op === op)) {
      const { loss, parameters, feeds } = built(one, target);
      expect(gradientMismatches(loss, parameters, feeds), `${op}: ${one.name}`).toEqual([]);
    }
  });
});

describe('gradient', () => {
  test('a parameter that the loss does not depend on gets zeros', () => {
    const graph = createGraph('unused');
    const x = input(graph, 'x', [2]);
    const unused = input(graph, 'unused', [2, 2]);
    const [, zeros] = gradient(probe(graph, x), [x, unused]) as [Tensor, Tensor];
    expect(Array.from(evaluate([zeros], new Map())[0]?.data ?? [])).toEqual([0, 0, 0, 0]);
  });

  test('nothing flows through a stopped value, and all through the way beside it', () => {
    const graph = createGraph('stop');
    const x = input(graph, 'x', [3]);
    const feeds = new Map([[x, { shape: [3], data: Float64Array.of(1, 2, 3) }]]);
    const [stopped] = gradient(probe(graph, stopGradient(x)), [x]);
    const [straight] = gradient(probe(graph, x), [x]);
    const [zeros, weights] = evaluate([stopped as Tensor, straight as Tensor], feeds);
    expect(Array.from(zeros?.data ?? [])).toEqual([0, 0, 0]);
    expect(weights?.data.every((weight) => weight !== 0)).toBe(true);
  });

  test('an operator without a rule is named, not skipped', () => {
    const graph = createGraph('reflected');
    const x = input(graph, 'x', [1, 4]);
    const loss = probe(graph, pad(x, [0, 1], [0, 1], 'reflect'));
    expect(() => gradient(loss, [x])).toThrow(MissingGradientError);
    expect(() => gradient(loss, [x])).toThrow('Pad (reflect)');
  });

  test('a loss that is no scalar is refused', () => {
    const graph = createGraph('vector');
    const x = input(graph, 'x', [2]);
    expect(() => gradient(x, [x])).toThrow('must be a scalar');
  });
});
