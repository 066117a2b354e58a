import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CoreError } from '../errors.js';
import { constant, createGraph, input, output } from '../onnx/graph.js';
import { matMul } from '../onnx/ops/index.js';
import { evaluateGraph } from '../onnx/testing/reference-evaluator.js';
import { value } from '../onnx/testing/reference-value.js';
import { runProfiled } from './placements.js';
import { ProviderUnavailableError, selectProvider } from './provider.js';
import { float32 } from './session.js';

/** Debian's chromium brings a Vulkan driver in software: slow, correct, no card needed. */
const SOFTWARE_VULKAN = '/usr/lib/chromium/vk_swiftshader_icd.json';

const environmentWithVulkan = () => ({
  ...process.env,
  VK_ICD_FILENAMES: SOFTWARE_VULKAN,
  LD_LIBRARY_PATH: dirname(SOFTWARE_VULKAN),
  XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
});

describe('providers', () => {
  test('cpu is taken when named, and the profile shows that it ran every operator', async () => {
    const selected = await selectProvider('cpu');
    expect(selected.provider).toBe('cpu');
    expect(selected.placements.map(({ operator }) => operator)).toEqual(
      expect.arrayContaining(['Conv', 'Gemm', 'LayerNormalization', 'Softmax', 'FusedMatMul']),
    );
    expect(new Set(selected.placements.map(({ provider }) => provider))).toEqual(
      new Set(['CPUExecutionProvider']),
    );
    expect(selected.summary).toContain('provider cpu (asked for: cpu)');
  });

  test('auto takes a provider that was seen to work and says why it passed over a better one', async () => {
    const selected = await selectProvider('auto');
    if (selected.provider === 'cuda') {
      expect(selected.passedOver).toEqual([]);
      expect(selected.placements.every(({ provider }) => provider === 'CUDAExecutionProvider')).toBe(true);
    } else {
      expect(selected.provider).toBe('cpu');
      expect(selected.passedOver.map(({ provider }) => provider)).toEqual(['cuda']);
      expect(selected.passedOver[0]?.reason.length).toBeGreaterThan(10);
    }
  });

  test('cuda by name is either seen to work or refused with what to do, never replaced', async () => {
    const outcome = await selectProvider('cuda').catch((error: unknown) => error);
    if (outcome instanceof CoreError) {
      expect(outcome).toBeInstanceOf(ProviderUnavailableError);
      expect(outcome.code).toBe('PROVIDER_UNAVAILABLE');
      expect(outcome.message).toMatch(/"cuda" was asked for .*npm run gpu:cuda.* cuDNN 9/s);
    } else {
      expect(outcome).toMatchObject({ provider: 'cuda' });
    }
  });

  test('a profiled run gives the numbers of the graph', async () => {
    const graph = createGraph('profiled');
    const x = input(graph, 'x', [2, 2]);
    output(graph, 'y', matMul(x, constant(graph, Float32Array.of(1, 2, 3, 4), [2, 2])));
    const { results, placements } = await runProfiled(
      graph,
      { x: float32(Float32Array.of(1, 0, 1, 1), [2, 2]) },
      'cpu',
    );
    const expected = evaluateGraph(graph, { x: value([2, 2], [1, 0, 1, 1]) });
    expect(Array.from(results.y?.data as Float32Array)).toEqual(Array.from(expected.y?.data ?? []));
    expect(placements).toEqual([{ operator: 'MatMul', provider: 'CPUExecutionProvider' }]);
  });

  test.skipIf(!existsSync(SOFTWARE_VULKAN))(
    `webgpu runs the models and agrees with the CPU (needs ${SOFTWARE_VULKAN})`,
    async () => {
      const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [file('../testing/run-typescript.mjs'), file('./fixtures/webgpu-run.ts')],
        { env: environmentWithVulkan() },
      );
      const { selected, gap, placements } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      expect(selected.provider).toBe('webgpu');
      const executors = new Set(
        [...selected.placements, ...placements].map(({ provider }: { provider: string }) => provider),
      );
      expect([...executors]).toEqual(['WebGpuExecutionProvider']);
      expect(gap).toBeLessThan(1e-4);
    },
    // Shaders are compiled and run by one processor.
    300_000,
  );
});
