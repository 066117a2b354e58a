import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParameterMap } from '../nn/parameters.js';
import { CheckpointError, OtherRunError } from './checkpoint.js';
import { type FitEvent, fit } from './fit.js';
import { tinyRecipe } from './fixtures/tiny-fit.js';
import { hashParameters } from './hash-parameters.js';
import type { RecipeValidation } from './recipe.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-fit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const session = { threads: 1 };
const at = (name: string) => join(folder, `${name}.safetensors`);

/** Runs the fixture in a process of its own; kills it the moment it prints a line that starts with `killAt`. */
function run(checkpoint: string, final: string, steps: number, killAt?: string): Promise<string[]> {
  const runner = fileURLToPath(new URL('../testing/run-typescript.mjs', import.meta.url));
  const program = fileURLToPath(new URL('./fixtures/tiny-fit.ts', import.meta.url));
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

/** A validation whose scores are given beforehand, one after another. */
function scripted(scores: readonly number[], more: Partial<RecipeValidation> = {}) {
  const seen: string[] = [];
  const validation: RecipeValidation = {
    everySteps: 2,
    patience: Number.POSITIVE_INFINITY,
    run: async (weights) => {
      seen.push(hashOf(weights));
      return [{ name: 'any', value: scores[seen.length - 1] ?? 0 }];
    },
    ...more,
  };
  return { validation, seen };
}
const hashOf = (weights: ParameterMap): string => hashParameters(new Map(weights));

describe('fit', () => {
  it('a training killed three times ends with the very bits of one that was left alone', async () => {
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

  it('aborted at any step it goes on later and ends with the very bits of one that was left alone', async () => {
    const straight = tinyRecipe(11);
    await fit(straight, { session });
    for (const stop of [1, 5, 7, 10]) {
      const options = { checkpoint: at(`abort-${stop}`), session };
      const abort = new AbortController();
      const stopped = fit(tinyRecipe(11), {
        ...options,
        signal: abort.signal,
        onEvent: (event) => {
          if (event.kind === 'step' && event.step === stop) abort.abort(new Error('paused'));
        },
      });
      await expect(stopped).rejects.toThrow('paused');
      const resumed = tinyRecipe(11);
      const events: FitEvent[] = [];
      await fit(resumed, { ...options, onEvent: (event) => void events.push(event) });
      expect(events[0]).toMatchObject({ kind: 'start', step: stop, total: 11 });
      expect(hashOf(resumed.weights), `stopped after ${stop}`).toBe(hashOf(straight.weights));
    }
  });

  it('measures the state before the first step, and keeps it where no later one is better', async () => {
    const recipe = tinyRecipe(6, scripted([0.5, 0.4, 0.5, 0.1]));
    const before = hashOf(recipe.weights);
    const result = await fit(recipe, { session });
    expect(result).toMatchObject({ outcome: 'no-better-than-start', best: { step: 0, score: 0.5 }, step: 6 });
    expect(hashOf(recipe.weights)).toBe(before);
    const told = tinyRecipe(6, scripted([0.5, 0.4, 0.5, 0.1], { start: 'told' }));
    expect(await fit(told, { session })).toMatchObject({
      outcome: 'improved',
      best: { step: 4, score: 0.5 },
    });
  });

  it('stops after as many validations without a better score as asked for, with the best weights', async () => {
    const { validation, seen } = scripted([0.1, 0.6, 0.5, 0.6, 0.9], { patience: 2 });
    const recipe = tinyRecipe(20, { validation });
    const checkpoint = at('patience');
    const result = await fit(recipe, { checkpoint, session });
    expect(result).toMatchObject({ outcome: 'improved', stopped: 'patience', step: 6, best: { step: 2 } });
    // What was validated is what is kept: the average.
    expect(hashOf(recipe.weights)).toBe(seen[1]);
    expect(seen).toHaveLength(4);
    // Started again it is over, and gives the same.
    const again = tinyRecipe(20, { validation });
    expect(await fit(again, { checkpoint, session })).toEqual(result);
    expect(hashOf(again.weights)).toBe(seen[1]);
    expect(seen).toHaveLength(4);
  });

  it('stops on the figure that the recipe chooses', async () => {
    const figures = [
      [0.1, 0.9],
      [0.3, 0.1],
      [0.2, 0.9],
    ];
    let next = 0;
    const recipe = tinyRecipe(4, {
      validation: {
        everySteps: 2,
        patience: 9,
        run: async () => {
          const [drawn = 0, made = 0] = figures[next++] ?? [];
          return [
            { name: 'drawn', value: drawn, seen: false },
            { name: 'made', value: made, seen: true },
          ];
        },
        score: (all) => all.find(({ name }) => name === 'drawn')?.value ?? 0,
      },
    });
    expect((await fit(recipe, { session })).best).toEqual({ step: 2, score: 0.3 });
  });

  it('a phase trains its own weights alone, and the parts add up', async () => {
    const { phases, weights } = tinyRecipe(6);
    const [, last] = phases;
    if (!last) throw new Error('there is no second phase');
    const before = hashOf(new Map([...weights].filter(([name]) => name.startsWith('up.'))));
    await fit(tinyRecipe(6, { weights, phases: [last] }), { session });
    expect(hashOf(new Map([...weights].filter(([name]) => name.startsWith('up.'))))).toBe(before);
  });

  it('a damaged checkpoint is a named error and stays as it is, never a new start', async () => {
    const checkpoint = at('damaged');
    await fit(tinyRecipe(3), { checkpoint, session });
    const bytes = await readFile(checkpoint);
    for (const damaged of [
      bytes.subarray(0, bytes.length - 9),
      Buffer.from('not a checkpoint'),
      Buffer.alloc(0),
    ]) {
      await writeFile(checkpoint, damaged);
      const recipe = tinyRecipe(3);
      const before = hashOf(recipe.weights);
      await expect(fit(recipe, { checkpoint, session })).rejects.toThrow(CheckpointError);
      await expect(fit(recipe, { checkpoint, session })).rejects.toThrow(/damaged\.safetensors/);
      expect(await readFile(checkpoint)).toEqual(damaged);
      expect(hashOf(recipe.weights)).toBe(before);
    }
  });

  it('refuses the checkpoint of other settings or other data, and says which', async () => {
    const checkpoint = at('other');
    const options = { checkpoint, session, settings: { seed: 3, batch: 8 }, data: 'a' };
    await fit(tinyRecipe(3), options);
    const other = fit(tinyRecipe(3), { ...options, settings: { seed: 3, batch: 16 } });
    await expect(other).rejects.toThrow(OtherRunError);
    await expect(other).rejects.toThrow(/batch was 8, is now 16/);
    await expect(fit(tinyRecipe(3), { ...options, data: 'b' })).rejects.toThrow(/other data \(version a\)/);
  });

  it('counts images a second over the steps of this process alone', async () => {
    const checkpoint = at('pace');
    const slow = () => {
      const { batches, ...rest } = tinyRecipe(40);
      return {
        ...rest,
        batches: async (...given: Parameters<typeof batches>) => {
          await sleep(30);
          return batches(...given);
        },
      };
    };
    const abort = new AbortController();
    const first = fit(tinyRecipe(40), {
      checkpoint,
      session,
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 35) abort.abort();
      },
    });
    await expect(first).rejects.toThrow();
    const rates: number[] = [];
    await fit(slow(), {
      checkpoint,
      session,
      onEvent: (event) => {
        if (event.kind === 'step') rates.push(event.imagesPerSecond);
      },
    });
    expect(rates).toHaveLength(5);
    // 16 images in at least 30 ms; with the 35 steps of the process before it would be eight times as many.
    for (const rate of rates) expect(rate).toBeLessThanOrEqual(16 / 0.029);
  });

  it('tells how much learns before the first step, and writes its history beside the checkpoint', async () => {
    const { validation } = scripted([0.1, 0.2, 0.3]);
    const events: FitEvent[] = [];
    const recipe = tinyRecipe(4, { validation });
    const result = await fit(recipe, {
      checkpoint: at('log'),
      session,
      onEvent: (event) => void events.push(event),
    });
    expect(events[0]).toEqual({
      kind: 'start',
      step: 0,
      total: 4,
      trained: 4 * 64 + 64 + 64 * 2 + 2,
      frozen: 0,
    });
    expect(events.filter(({ kind }) => kind === 'validation').map(({ step }) => step)).toEqual([0, 2, 4]);
    const lines = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(result.history);
  });

  it('closes what the recipe holds open, however it ends', async () => {
    let closed = 0;
    const close = async () => void closed++;
    await fit(tinyRecipe(1, { close }), { session });
    const failing = tinyRecipe(2, { close, batches: () => Promise.reject(new Error('no data')) });
    await expect(fit(failing, { session })).rejects.toThrow('no data');
    expect(closed).toBe(2);
    expect(existsSync(at('nothing'))).toBe(false);
  });
});
