import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../../../image/image-codec.js';
import { loadModel } from '../../../models/load-model.js';
import { stripes, tinyConfig } from '../../../models/small/fixtures/tiny-small.js';
import { readBackbone } from '../../../models/small/open-backbone.js';
import { createSession } from '../../../runtime/session.js';
import { parseTokenizerJson } from '../../../text/load-tokenizer.js';
import { CheckpointError } from '../../checkpoint.js';
import type { TrainBaseOptions } from './base-options.js';
import { buildViews, planViews, TEACHER_WIDTH } from './distillation-views.js';
import { tinyTeacher } from './fixtures/tiny-teacher.js';
import { trainBase } from './train-base.js';

let folder: string;
let paths: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-base-'));
  paths = Array.from({ length: 6 }, (_, i) => join(folder, `${i}.png`));
  for (const [i, path] of paths.entries()) await writeFile(path, await encodePng(stripes(i)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const one = { threads: 1 };

describe('buildViews', () => {
  it('killed at any byte of either file, it goes on and ends with the same views', async () => {
    const teacher = await createSession(tinyTeacher(), one);
    const at = join(folder, 'views');
    const files = [join(at, 'pixels.u8'), join(at, 'features.f32')];
    const build = () =>
      buildViews({ paths: paths.slice(0, 3), passes: [2, 2, 1], folder: at, seed: 2, size: 32, teacher });
    expect(await build()).toBe(5);
    const whole = await Promise.all(files.map((file) => readFile(file)));
    for (const [pixels, features] of [
      [3 * 32 * 32 * 3 + 11, 5 * TEACHER_WIDTH * 4],
      [5 * 32 * 32 * 3, 2 * TEACHER_WIDTH * 4 + 6],
    ]) {
      await truncate(files[0] ?? '', pixels);
      await truncate(files[1] ?? '', features);
      expect(await build()).toBe(5);
      expect(await Promise.all(files.map((file) => readFile(file)))).toEqual(whole);
    }
    await teacher.close();
  });

  it('makes the first view of every picture before the second of any', () => {
    const plan = planViews([2, 1, 3]);
    expect(plan.map(({ picture }) => picture)).toEqual([0, 1, 2, 0, 2, 2]);
    expect(plan.map(({ pass }) => pass)).toEqual([0, 0, 0, 1, 1, 2]);
  });
});

describe('trainBase', () => {
  const options = (): TrainBaseOptions => ({
    corpus: {
      paths,
      captions: paths.map((_, i) => (i < 5 ? [`stripes of kind ${i}`, `a picture ${i}`] : [])),
      passes: paths.map(() => 2),
    },
    teacher: tinyTeacher(),
    work: join(folder, 'work'),
    out: join(folder, 'bundle'),
    name: 'tiny-base',
    seed: 4,
    textSteps: 3,
    imageSteps: [2, 2],
    tuneSteps: 2,
    session: one,
    sizes: { config: tinyConfig, batch: 6, captioned: 4 },
    training: { data: 'stripes' },
    onProgress: () => {},
  });

  it('from pictures, captions and a teacher to a bundle that loads; started again, it does nothing twice', async () => {
    const stages: string[] = [];
    const train = () =>
      trainBase({
        ...options(),
        onProgress: (stage, _done, _total, detail) => stages.push(`${stage} ${detail ?? ''}`),
      });
    const bundle = await train();
    expect(bundle.manifest.training).toEqual({ data: 'stripes', seed: 4 });
    const model = await loadModel(join(folder, 'bundle'), one);
    const [vector] = await model.encodeTexts(['stripes of kind 3']);
    const [photo] = await model.encodeImages([stripes(3)]);
    await model.close();
    for (const one of [vector, photo]) expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 5);

    stages.length = 0;
    expect((await train()).hash).toBe(bundle.hash);
    expect(stages).toEqual(['text already done', 'image already done', 'tune already done']);
  });

  it('refuses the work folder of another run and says what differs, before it takes or writes anything', async () => {
    const { bundle, config, weights } = await readBackbone(join(folder, 'bundle'));
    const tokenizer = parseTokenizerJson(JSON.parse(await readFile(bundle.path('tokenizer.json'), 'utf8')));
    const others: Record<string, Partial<TrainBaseOptions>> = {
      corpus: { corpus: { ...options().corpus, paths: [...paths].reverse() } },
      teacher: { teacher: Uint8Array.of(...tinyTeacher(), 0) },
      seed: { seed: 5 },
      textSteps: { textSteps: 4 },
      imageSteps: { imageSteps: [2, 3] },
      tuneSteps: { tuneSteps: 3 },
      from: { from: { config, tokenizer, weights } },
      sizes: { sizes: { config: tinyConfig, batch: 4, captioned: 4 } },
    };
    for (const [name, other] of Object.entries(others)) {
      await expect(trainBase({ ...options(), ...other }), name).rejects.toThrow(
        new RegExp(`work: .*other settings \\(${name} was [^;]*\\); give this run another work folder`),
      );
    }
    // A version that noted no settings.
    await rm(join(folder, 'work', 'settings.json'));
    await expect(trainBase(options())).rejects.toThrow(CheckpointError);
    await expect(trainBase(options())).rejects.toThrow(
      /not noted by the version that began it: corpus, teacher/,
    );
  });

  it('goes on from a backbone: in no steps it stays what it was, in some it keeps its words', async () => {
    const { bundle, config, weights } = await readBackbone(join(folder, 'bundle'));
    const tokenizer = parseTokenizerJson(JSON.parse(await readFile(bundle.path('tokenizer.json'), 'utf8')));
    const goOn = async (out: string, imageSteps: [number, number], tuneSteps: number) => {
      await trainBase({
        corpus: {
          paths,
          captions: paths.map((_, i) => [`quite other words ${i}`]),
          passes: paths.map(() => 1),
        },
        teacher: tinyTeacher(),
        work: join(folder, `work-${out}`),
        out: join(folder, out),
        name: 'tiny-base',
        seed: 5,
        textSteps: 2,
        imageSteps,
        tuneSteps,
        session: one,
        sizes: { config: tinyConfig, batch: 6, captioned: 4 },
        from: { config, tokenizer, weights },
        training: {},
        onProgress: () => {},
      });
      return readBackbone(join(folder, out));
    };
    const unmoved = await goOn('unmoved', [0, 0], 0);
    const largest = (other: typeof weights, name: string) =>
      Math.max(
        ...Array.from(weights.get(name)?.data ?? [], (v, i) => Math.abs(v - (other.get(name)?.data[i] ?? 9))),
      );
    // A step of its rounding to bytes, no more.
    for (const name of weights.keys()) expect(largest(unmoved.weights, name)).toBeLessThan(0.01);
    const moved = await goOn('moved', [2, 2], 2);
    expect(moved.config.text.vocabulary).toBe(config.text.vocabulary);
    expect(largest(moved.weights, 'image.projection.weight')).toBeGreaterThan(0);
  });
});
