import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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

/** Runs the fixture in a process of its own; kills it the moment it prints a line that starts with `killAt`. */
function run(checkpoint: string, final: string, steps: number, killAt?: string): Promise<string[]> {
  const runner = fileURLToPath(new URL('../testing/run-typescript.mjs', import.meta.url));
  const program = fileURLToPath(new URL('./fixtures/checkpointed-run.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, program, checkpoint, final, String(steps)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    let errors = '';
    let killed = false;
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (killAt && line.startsWith(killAt)) killed = child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 || killed ? resolve(lines) : reject(new Error(`exit ${code}: ${errors}`)),
    );
  });
}

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

  test('a run killed three times ends with the very bits of one that was left alone', async () => {
    const steps = 24;
    const quiet = join(folder, 'quiet-final');
    const straight = await run(join(folder, 'quiet'), quiet, steps);
    const path = join(folder, 'killed');
    const killed = join(folder, 'killed-final');
    const parts: string[][] = [];
    // A line is printed right before the save, so that the blow falls into or near the writing of the file.
    for (const blow of ['step 4 ', 'step 11 ', 'step 17 ']) parts.push(await run(path, killed, steps, blow));
    const last = await run(path, killed, steps);
    expect(last.at(-1)).toBe('done');
    expect(Number(last[0]?.split(' ')[1])).toBeGreaterThanOrEqual(17);
    for (const line of [...parts.flat(), ...last]) expect(straight).toContain(line);
    expect(await readFile(killed)).toEqual(await readFile(quiet));
  });
});
