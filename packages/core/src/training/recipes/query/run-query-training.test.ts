import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatasetFolder } from '../../../datasets/read-dataset-folder.js';
import { OFFSET_SCALE } from '../../../freestyle/query-tower.js';
import { tuningSchema } from '../../../freestyle/tuning.js';
import { encodePng } from '../../../image/image-codec.js';
import { stripes, tinyStyle, tinyWeights } from '../../../models/small/fixtures/tiny-small.js';
import { CheckpointError, loadCheckpoint, saveCheckpoint } from '../../checkpoint.js';
import { hashParameters } from '../../hash-parameters.js';
import { tinyQueryRun } from './fixtures/tiny-query-run.js';
import type { QueryRunOptions } from './query-run-options.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-run-'));
  await mkdir(at('data'));
  const records: object[] = [];
  for (let i = 0; i < 8; i++) {
    await writeFile(join(at('data'), `${i}.png`), await encodePng(stripes(i, 48)));
    records.push({ kind: 'image', file: `${i}.png`, split: i < 5 ? 'train' : 'val' });
  }
  await writeFile(
    join(at('data'), 'manifest.jsonl'),
    records.map((record) => JSON.stringify(record)).join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the run in a process of its own and kills it, -9, as soon as it has told of its first epoch. */
function runAndKill(work: string): Promise<string[]> {
  const runner = fileURLToPath(new URL('../../../testing/run-typescript.mjs', import.meta.url));
  const program = fileURLToPath(new URL('./fixtures/tiny-query-run.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, program, at('data'), at('cache'), work], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line === 'saved 4') child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (_, signal) =>
      signal === 'SIGKILL' ? resolve(lines) : reject(new Error(`ended by itself: ${lines} ${errors}`)),
    );
  });
}

describe('runQueryTraining', () => {
  it('killed between epochs and started again, it ends with the very weights of a run left alone', async () => {
    const straight = await tinyQueryRun(at('data'), at('cache'), at('straight'));
    const seen = await runAndKill(at('killed'));
    expect(seen).not.toContain('saved 12');
    const steps: number[] = [];
    const resumed = await tinyQueryRun(at('data'), at('cache'), at('killed'), {
      onEvent: ({ kind, step }) => {
        if (kind === 'step') steps.push(step);
      },
    });
    expect(steps[0]).toBeGreaterThan(4);
    expect(steps.at(-1)).toBe(12);
    expect(resumed.fit.best).toEqual(straight.fit.best);
    expect(hashParameters(resumed.weights)).toBe(hashParameters(straight.weights));
    // A process of its own has to start: on a busy machine that alone takes a minute.
  }, 400_000);

  it('writes losses and hit@1 by style as lines of JSON, those before the first step among them', async () => {
    const lines = (await readFile(join(at('straight'), 'metrics.jsonl'), 'utf8')).trim().split('\n');
    const records = lines.map((line) => JSON.parse(line));
    const validations = records.filter(({ kind }) => kind === 'validation');
    expect(validations.map(({ step }) => step)).toEqual([0, 4, 8, 12]);
    const losses = records.filter(({ kind }) => kind === 'loss');
    expect(losses).toHaveLength(12);
    for (const { loss } of losses) expect(loss).toBeGreaterThan(0);
    const names = validations[0].figures.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['art (made)', 'lowres (made)', 'sketch (made)']);
    for (const figure of validations[0].figures) expect(figure).toMatchObject({ level: 'photo', seen: true });
  });

  it('names how much learns, and what training and validation share, before the first step', async () => {
    const told: unknown[] = [];
    const { shared } = await tinyQueryRun(at('data'), at('cache'), at('told'), {
      epochs: 1,
      stepsPerEpoch: 1,
      validation: [await readDatasetFolder(at('data'), { split: 'train' })],
      onStart: ({ count, shared }) => told.push(count.trained > 0, count.frozen > 0, shared),
      onEvent: ({ kind }) => void told.push(kind),
    });
    expect(told.slice(0, 4)).toEqual([true, true, { photos: 5, queries: 0 }, 'start']);
    expect(shared.photos).toBe(5);
  });

  it('a damaged checkpoint is a named error, and no picture is made for it', async () => {
    await mkdir(at('cut'));
    const bytes = await readFile(join(at('straight'), 'checkpoint.safetensors'));
    await writeFile(join(at('cut'), 'checkpoint.safetensors'), bytes.subarray(0, bytes.length / 2));
    await expect(tinyQueryRun(at('data'), at('unmade'), at('cut'))).rejects.toThrow(CheckpointError);
    expect(existsSync(at('unmade'))).toBe(false);
  });

  it('a run that is over is not trained further when it is started again', async () => {
    const trained = await tinyQueryRun(at('data'), at('cache'), at('straight'), {
      onEvent: ({ kind }) => {
        if (kind === 'step') throw new Error('trained again');
      },
    });
    expect(trained.fit).toMatchObject({ step: 12, stopped: 'finished' });
  });

  it('refuses to go on from the checkpoint of a run with other settings', async () => {
    const other = tinyQueryRun(at('data'), at('cache'), at('straight'), {
      tuning: tuningSchema.parse({ method: 'freestyle', tokens: 2 }),
    });
    await expect(other).rejects.toThrow(CheckpointError);
  });

  it('refuses to go on beside other frozen weights, on another split or with other pictures, and says which', async () => {
    const initial = new Map([['query.logit_scale', { shape: [], data: Float32Array.of(2) }]]);
    const changed = (prefix: string) => {
      const backbone = new Map([...tinyWeights(), ...tinyStyle(3)]);
      for (const [name, { data }] of backbone) if (name.startsWith(prefix)) data[0] = 2;
      return backbone;
    };
    const validation = [await readDatasetFolder(at('data'), { split: 'train' })];
    const others: Record<string, Partial<QueryRunOptions>> = {
      backbone: { backbone: changed('image.') },
      style: { backbone: changed('style.') },
      initial: { initial },
      train: { train: [] },
      validation: { validation },
      validationPerStyle: { validationPerStyle: 2 },
      pictureSeed: { pictureSeed: 6 },
      perPhoto: { perPhoto: 2 },
      patience: { patience: 2 },
    };
    for (const [name, other] of Object.entries(others)) {
      const resumed = tinyQueryRun(at('data'), at('untouched'), at('straight'), other);
      await expect(resumed, name).rejects.toThrow(
        new RegExp(`straight.*other settings \\(${name} was [^;]*\\); give this run another work folder`),
      );
    }
    // Nothing was made for a run that is refused.
    expect(existsSync(at('untouched'))).toBe(false);
  });

  it('refuses a checkpoint that does not note all settings, as earlier versions wrote them', async () => {
    const checkpoint = await loadCheckpoint(join(at('straight'), 'checkpoint.safetensors'));
    for (const [name, settings] of Object.entries({ old: '{"seed":5}', older: undefined })) {
      await mkdir(at(name));
      const meta = { ...checkpoint.meta, settings };
      await saveCheckpoint(join(at(name), 'checkpoint.safetensors'), { ...checkpoint, meta });
      const resumed = tinyQueryRun(at('data'), at('cache'), at(name));
      await expect(resumed).rejects.toThrow(CheckpointError);
      await expect(resumed).rejects.toThrow(/not noted by the version that began it: backbone, style/);
    }
  });

  it('goes on from a checkpoint where the folders moved, and refuses where their content changed', async () => {
    const run = (name: string, hash: string) =>
      tinyQueryRun(at('data'), at('cache'), at('versions'), {
        versions: [{ name, hash, recorded: null }],
        epochs: 1,
        stepsPerEpoch: 1,
      });
    await run('data', 'a'.repeat(64));
    await run('moved', 'a'.repeat(64));
    await expect(run('data', 'b'.repeat(64))).rejects.toThrow(
      /other data \(version a{12}\), the folders now hold b{12}/,
    );
  });

  it('a centred tower starts from the mean of its training queries, and a resumed one from where it was', async () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', gated: true, centred: true });
    const run = (work: string, more: Parameters<typeof tinyQueryRun>[3] = {}) =>
      tinyQueryRun(at('data'), at('cache'), at(work), { tuning, epochs: 1, stepsPerEpoch: 1, ...more });
    // A step of size 0 leaves the start as it is.
    const { weights } = await run('places', { peakRate: 0 });
    const offsets = weights.get('query.offsets');
    expect(offsets?.shape).toEqual([3, 16]);
    const lengths = [0, 1, 2].map(
      (k) => Math.hypot(...(offsets?.data.slice(16 * k, 16 * (k + 1)) ?? [])) * OFFSET_SCALE,
    );
    // A mean of unit vectors is no longer than they are, and stripes of one kind lie close together.
    for (const length of lengths) expect(length).toBeGreaterThan(0.2);
    for (const length of lengths) expect(length).toBeLessThanOrEqual(1 + 1e-6);
    // A tower that goes on from one without places gets them; one that has some keeps them.
    const initial = new Map([['query.logit_scale', { shape: [], data: Float32Array.of(2) }]]);
    const gained = (await run('places-b', { peakRate: 0, initial })).weights.get('query.offsets');
    expect(gained?.data).toEqual(offsets?.data);
    const own = { shape: [3, 16], data: new Float32Array(48).fill(0.5) };
    const kept = await run('places-c', { peakRate: 0, initial: new Map([['query.offsets', own]]) });
    expect(kept.weights.get('query.offsets')?.data).toEqual(own.data);
    const first = hashParameters((await run('places-a')).weights);
    expect(hashParameters((await run('places-a')).weights)).toBe(first);
  });

  it('validates on as many queries of each style as asked for, against the full gallery', async () => {
    const { validation } = await tinyQueryRun(at('data'), at('cache'), at('few'), {
      epochs: 1,
      stepsPerEpoch: 1,
      validationPerStyle: 2,
    });
    const styles = validation.queries.queries.map(({ style }) => style).sort();
    expect(styles).toEqual(['art', 'art', 'lowres', 'lowres', 'sketch', 'sketch']);
    expect(validation.gallery).toHaveLength(3 * 16);
  });
});
