import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../random.js';
import { NonFiniteWeightsError, WeightsFormatError } from '../weights/weights-error.js';
import { writeSafetensors } from '../weights/write-safetensors.js';
import { adamW } from './adamw.js';
import { CheckpointError, loadCheckpoint, restoreParameters, saveCheckpoint } from './checkpoint.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const parameters = () =>
  new Map([
    ['a', { shape: [2, 2], data: Float32Array.of(1, -2.5, 1e-40, 0.1) }],
    ['b.scale', { shape: [], data: Float32Array.of(7) }],
  ]);

describe('checkpoint', () => {
  test('weights, moments, step and metadata come back bit for bit', async () => {
    const path = join(folder, 'round-trip.safetensors');
    const weights = parameters();
    const optimiser = adamW();
    const state = optimiser.init(weights);
    const gradients = new Map([...weights].map(([name, { data }]) => [name, data.map((x) => x / 3)]));
    optimiser.update(gradients, state, weights, 0.1);
    const random = createRandom(5);
    random.normal();
    const meta = { epoch: 3, random: random.state(), third: 1 / 3 };
    await saveCheckpoint(path, { parameters: weights, state, meta });
    expect(await loadCheckpoint(path)).toEqual({ parameters: weights, state, meta });
  });

  test('a diverged run does not replace the last good checkpoint', async () => {
    const path = join(folder, 'diverged.safetensors');
    const weights = parameters();
    const state = adamW().init(weights);
    await saveCheckpoint(path, { parameters: weights, state, meta: {} });
    const before = await readFile(path);
    weights.get('a')?.data.set([Number.NaN]);
    await expect(saveCheckpoint(path, { parameters: weights, state, meta: {} })).rejects.toBeInstanceOf(
      NonFiniteWeightsError,
    );
    expect(await readFile(path)).toEqual(before);
  });

  test('an absent, a cut and a foreign file are refused with their reason', async () => {
    const path = join(folder, 'refused.safetensors');
    await expect(loadCheckpoint(path)).rejects.toBeInstanceOf(WeightsFormatError);
    const weights = parameters();
    await saveCheckpoint(path, { parameters: weights, state: adamW().init(weights), meta: {} });
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 4));
    await expect(loadCheckpoint(path)).rejects.toThrow('truncated');
    await writeSafetensors(path, weights);
    await expect(loadCheckpoint(path)).rejects.toThrow(
      'expected the format freestyle-checkpoint-1, got none',
    );
  });

  test('weights of another model are not taken over', () => {
    const small = new Map([['a', { shape: [2], data: new Float32Array(2) }]]);
    expect(() => restoreParameters('x', small, parameters())).toThrow(CheckpointError);
    expect(() => restoreParameters('x', parameters(), small)).toThrow('"a" is [2, 2], the model\'s is [2]');
  });
});
