import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gradient } from '../autodiff/gradient.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { constant, createGraph, type Graph, input, output, type Tensor } from '../onnx/graph.js';
import { createSession, float32 } from '../runtime/session.js';
import { cosineLoss, infoNce, tripletLoss } from './losses.js';

const caseSchema = z.object({ loss: z.number(), gradients: z.record(z.string(), z.array(z.number())) });
const goldenSchema = z.object({
  shape: z.tuple([z.number(), z.number()]),
  scale: z.number(),
  margin: z.number(),
  blocked: z.array(z.tuple([z.number(), z.number()])),
  inputs: z.record(z.string(), z.array(z.number())),
  cases: z.object({
    symmetric: caseSchema,
    oneWay: caseSchema,
    blocked: caseSchema,
    triplet: caseSchema,
    cosine: caseSchema,
  }),
});

let golden: z.infer<typeof goldenSchema>;
beforeAll(async () => {
  const file = new URL('../../golden/losses/golden.json', import.meta.url);
  golden = goldenSchema.parse(JSON.parse(await readFile(file, 'utf8')));
});

type Build = (graph: Graph, unit: (name: string) => Tensor, scale: () => Tensor) => Tensor;

/** Loss and gradients on the runtime, over unit rows made of the golden inputs. */
async function run(build: Build): Promise<{ loss: number; gradients: Record<string, number[]> }> {
  const graph = createGraph('loss');
  const leaves = new Map<string, Tensor>();
  const leaf = (name: string, shape: readonly number[]) => {
    const tensor = leaves.get(name) ?? input(graph, name, shape);
    leaves.set(name, tensor);
    return tensor;
  };
  const loss = build(
    graph,
    (name) => l2Normalise(leaf(name, golden.shape)),
    () => leaf('scale', []),
  );
  output(graph, 'loss', loss);
  const names = [...leaves.keys()];
  gradient(loss, [...leaves.values()]).forEach((tensor, i) => {
    output(graph, `gradient/${names[i]}`, tensor);
  });
  const session = await createSession(graph, { threads: 1 });
  const feeds = names.map((name) => [
    name,
    name === 'scale'
      ? float32(Float32Array.of(golden.scale), [])
      : float32(Float32Array.from(golden.inputs[name] ?? []), golden.shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.close();
  return {
    loss: Number(results.loss?.data[0]),
    gradients: Object.fromEntries(
      names.map((name) => [name, Array.from(results[`gradient/${name}`]?.data as Float32Array)]),
    ),
  };
}

const builds: Readonly<Record<keyof z.infer<typeof goldenSchema>['cases'], Build>> = {
  symmetric: (_graph, unit, scale) => infoNce(unit('a'), unit('b'), scale()),
  oneWay: (_graph, unit, scale) => infoNce(unit('a'), unit('b'), scale(), { symmetric: false }),
  blocked: (graph, unit, scale) => {
    const [count] = golden.shape;
    const mask = new Float32Array(count * count);
    for (const [row, column] of golden.blocked) mask[row * count + column] = -30_000;
    return infoNce(unit('a'), unit('b'), scale(), { blocked: constant(graph, mask, [count, count]) });
  },
  triplet: (_graph, unit) => tripletLoss(unit('a'), unit('b'), unit('c'), golden.margin),
  cosine: (_graph, unit) => cosineLoss(unit('a'), unit('b')),
};

describe('losses and their gradients are those of PyTorch', () => {
  test.each(Object.keys(builds) as (keyof typeof builds)[])('%s', async (name) => {
    const expected = golden.cases[name];
    const got = await run(builds[name]);
    expect(got.loss).toBeCloseTo(expected.loss, 5);
    expect(Object.keys(got.gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [leaf, values] of Object.entries(expected.gradients)) {
      for (const [i, v] of values.entries())
        expect(got.gradients[leaf]?.[i], `${leaf}[${i}]`).toBeCloseTo(v, 5);
    }
  });

  test('a row of zeros has a finite gradient', async () => {
    const [count, width] = golden.shape;
    golden.inputs.a = new Array(count * width).fill(0);
    const { loss, gradients } = await run((_graph, unit) => cosineLoss(unit('a'), unit('b')));
    expect(loss).toBeCloseTo(1, 6);
    expect(Object.values(gradients).flat().every(Number.isFinite)).toBe(true);
  });
});
