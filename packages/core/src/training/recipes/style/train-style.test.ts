import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../datasets/dataset.js';
import { encodePng } from '../../../image/image-codec.js';
import { stripes, tinyStyle } from '../../../models/small/fixtures/tiny-small.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import { StyleSpaceError } from '../../../style-space/style-space-error.js';
import { refitStyle } from './refit-style.js';
import { nameByMajority, type StyledPicture, type TrainStyleOptions, trainStyle } from './train-style.js';

const SIZE = 16;

/** VGG-19 down to conv2_2 with random filters: its Gram matrices still tell textures apart. */
function randomVgg(): Map<string, Parameter> {
  const random = createRandom('vgg');
  const weights = new Map<string, Parameter>();
  const sizes = { conv1_1: [64, 3], conv1_2: [64, 64], conv2_1: [128, 64], conv2_2: [128, 128] } as const;
  for (const [name, [filters, channels]] of Object.entries(sizes)) {
    const data = Float32Array.from(
      { length: filters * channels * 9 },
      () => random.normal() * Math.sqrt(2 / (channels * 9)),
    );
    weights.set(`${name}.weight`, { shape: [filters, channels, 3, 3], data });
    weights.set(`${name}.bias`, { shape: [filters], data: new Float32Array(filters) });
  }
  return weights;
}

/** Two styles that nobody could confuse: coloured stripes, and black lines on white. */
const pictures: StyledPicture[] = Array.from({ length: 80 }, (_, i) => {
  const picture = stripes(i, SIZE);
  if (i % 2 === 0) return { picture, style: 'art' };
  const data = picture.data.map((_value, at) => ((at / 3) % (3 + (i % 4)) < 1 ? 0 : 255));
  return { picture: { ...picture, data }, style: 'sketch' };
});

describe('trainStyle', () => {
  const options: TrainStyleOptions = {
    pictures,
    size: SIZE,
    vgg: {
      weights: randomVgg(),
      options: { until: 'conv2_2', preprocess: false, padding: 'zeros' },
    },
    clusters: 2,
    steps: 60,
    seed: 1,
    session: { threads: 1 },
    onProgress: () => undefined,
  };

  it("learns the teacher's features, and its clusters find styles that nothing told it", async () => {
    const trained = await trainStyle(options);
    expect([...trained.names].sort()).toEqual(['art', 'sketch']);
    expect(trained.report.cosine).toBeGreaterThan(0.5);
    expect(trained.report.againstStyles.purity).toBeGreaterThan(0.9);
    expect(trained.knownCosine).toBeLessThanOrEqual(1);
    expect(trained.weights.get('style.centres')?.shape).toEqual([2, 64]);
  });

  it('trains on fewer pictures than a full batch', async () => {
    const trained = await trainStyle({ ...options, pictures: pictures.slice(0, 20), steps: 2 });
    expect(trained.names).toHaveLength(2);
  });

  it('names a cluster by its commonest style, and tells two of one name apart', () => {
    expect(nameByMajority([0, 0, 0, 1, 2], ['a', 'a', 'b', 'a', 'b'], 4)).toEqual(['a', 'a 2', 'b', 'empty']);
  });
});

describe('refitStyle', () => {
  let folder: string;
  let dataset: Dataset;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freestyle-refit-'));
    const paths = [0, 1, 2].map((i) => join(folder, `${i}.png`));
    for (const [i, path] of paths.entries()) await writeFile(path, await encodePng(stripes(i)));
    dataset = {
      name: 'tiny',
      dir: folder,
      images: paths.map((path, i) => ({
        kind: 'image',
        file: `${i}.png`,
        path,
        captions: [],
        attributes: {},
      })),
      queries: [],
      splits: [],
      notes: [],
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  const style = { clusters: ['a', 'b', 'c'], knownCosine: 0.5, size: SIZE, weights: tinyStyle(3) };
  const refit = (clusters: number) =>
    refitStyle(style, {
      datasets: [dataset],
      cache: join(folder, 'cache'),
      perPhoto: 1,
      clusters,
      seed: 1,
      session: { threads: 1 },
      onProgress: () => undefined,
    });

  it('gives the same network as many clusters as asked for', async () => {
    const two = await refit(2);
    expect(two.clusters).toHaveLength(2);
    expect(two.weights.get('style.centres')?.shape).toEqual([2, 64]);
    expect(two.weights.get('style.network.reduce.weight')).toBe(
      style.weights.get('style.network.reduce.weight'),
    );
  });

  it('refuses more clusters than there are pictures', async () => {
    await expect(refit(100)).rejects.toThrow(StyleSpaceError);
    // One of twelve is held out to calibrate on.
    await expect(refit(100)).rejects.toThrow(/100 clusters were asked for from 11 pictures/);
  });
});
