import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { clusterAgreement } from './cluster-agreement.js';
import { dot, featureMatrix } from './feature-matrix.js';
import { gramFeature, gramMatrix, upperTriangle } from './gram.js';
import { applyPca, fitPca } from './pca.js';
import {
  assertStyleSpaceFits,
  calibrateOutside,
  fitStyleSpace,
  projectStyle,
  type StyleSpace,
} from './style-space.js';
import { readStyleSpace, styleSpaceHash, writeStyleSpace } from './style-space-file.js';

const CHANNELS = 6;
const SIZE = 8;

/** Feature maps whose channels lean on each other in a way of their own for each style: same statistics, other pixels. */
function featureMap(style: number, seed: string): Float32Array {
  const random = createRandom(`map ${style} ${seed}`);
  const mixing = createRandom(`style ${style}`);
  const matrix = Array.from({ length: CHANNELS * CHANNELS }, () => mixing.normal());
  const out = new Float32Array(CHANNELS * SIZE * SIZE);
  for (let p = 0; p < SIZE * SIZE; p++) {
    const source = Array.from({ length: CHANNELS }, () => random.normal());
    for (let c = 0; c < CHANNELS; c++) {
      const value = source.reduce((sum, s, i) => sum + s * (matrix[c * CHANNELS + i] ?? 0), 0);
      out[c * SIZE * SIZE + p] = Math.max(0, value);
    }
  }
  return out;
}

const feature = (style: number, seed: string) => gramFeature(featureMap(style, seed), CHANNELS, SIZE, SIZE);
const mix = (each: number, seed: string) =>
  [0, 1, 2].flatMap((style) =>
    Array.from({ length: each }, (_, i) => ({ style, gram: feature(style, `${seed} ${i}`) })),
  );

const extractorHash = 'c'.repeat(64);
const pictures = mix(30, 'train');
const fit = () =>
  fitStyleSpace(
    pictures.map(({ gram }) => gram),
    { extractorHash, k: 3, dimensions: 8 },
  );

let folder: string;
let space: StyleSpace;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-style-'));
  space = fit().space;
});
afterAll(() => rm(folder, { recursive: true }));

describe('gramMatrix', () => {
  it('is F Fᵀ / (C·H·W) of a small case by hand', () => {
    // Two channels over two positions: [1, 2] and [3, 4].
    const gram = gramMatrix(Float32Array.of(1, 2, 3, 4), 2, 1, 2);
    expect([...gram]).toEqual([5 / 4, 11 / 4, 11 / 4, 25 / 4]);
    const [a, b, c] = upperTriangle(gram, 2);
    expect([a, c]).toEqual([5 / 4, 25 / 4]);
    expect(b).toBeCloseTo((11 / 4) * Math.SQRT2, 6);
  });

  it('keeps the dot product of whole matrices in their upper triangles', () => {
    const [a, b] = [featureMap(0, 'a'), featureMap(1, 'b')].map((map) =>
      gramMatrix(map, CHANNELS, SIZE, SIZE),
    );
    if (a === undefined || b === undefined) throw new Error('two maps make two matrices');
    expect(dot(upperTriangle(a, CHANNELS), upperTriangle(b, CHANNELS))).toBeCloseTo(dot(a, b), 4);
  });

  it('does not see where things are: a shuffled picture has the same Gram matrix', () => {
    const map = featureMap(2, 'moved');
    const order = createRandom('order').shuffle([...Array(SIZE * SIZE).keys()]);
    const moved = map.map((_, at) => map[Math.floor(at / 64) * 64 + (order[at % 64] ?? 0)] ?? 0);
    const [a, b] = [map, moved].map((m) => gramMatrix(m, CHANNELS, SIZE, SIZE));
    a?.forEach((value, i) => {
      expect(b?.[i]).toBeCloseTo(value, 5);
    });
  });

  it('refuses NaN, an empty map and a length that does not match', () => {
    expect(() => gramMatrix(Float32Array.of(1, Number.NaN), 1, 1, 2)).toThrow(/value 1 is NaN/);
    expect(() => gramMatrix(new Float32Array(0), 0, 1, 1)).toThrow(
      /expected 0 × 1 × 1 features, all above 0/,
    );
    expect(() => gramMatrix(new Float32Array(5), 2, 1, 2)).toThrow(/got 5 values/);
  });
});

describe('fitPca', () => {
  it('finds the axes and variances of a stretched cloud', () => {
    const random = createRandom('pca');
    const [c, s] = [Math.cos(0.6), Math.sin(0.6)];
    const rows = Array.from({ length: 2000 }, () => {
      const [u, v] = [5 * random.normal(), random.normal()];
      return Float32Array.of(7 + c * u - s * v, -3 + s * u + c * v, 0.01 * random.normal());
    });
    const pca = fitPca(featureMatrix(rows), 2);
    expect(Math.abs((pca.components[0] ?? 0) * c + (pca.components[1] ?? 0) * s)).toBeCloseTo(1, 2);
    expect(Math.sqrt(pca.variances[0] ?? 0)).toBeCloseTo(5, 0);
    expect(pca.explained).toBeGreaterThan(0.999);
    const back = applyPca(pca, Float32Array.of(7 + 5 * c, -3 + 5 * s, 0));
    expect(Math.abs(back[0] ?? 0)).toBeCloseTo(5, 0);
    expect(Math.abs(back[1] ?? 9)).toBeLessThan(0.3);
  });

  it('keeps every distance when it keeps every component, with many more values than pictures', () => {
    const random = createRandom('wide');
    const rows = Array.from({ length: 12 }, () => Float32Array.from({ length: 300 }, () => random.normal()));
    const pca = fitPca(featureMatrix(rows), 50);
    expect(pca.size).toBe(11);
    const reduced = rows.map((row) => applyPca(pca, row));
    const distance = (a: Float32Array, b: Float32Array) =>
      Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));
    for (let i = 1; i < rows.length; i++) {
      const [a, b] = [rows[0], rows[i]];
      const [x, y] = [reduced[0], reduced[i]];
      if (!a || !b || !x || !y) throw new Error('rows are there');
      expect(distance(x, y)).toBeCloseTo(distance(a, b), 3);
    }
  });

  it('refuses pictures that are all the same', () => {
    const same = Array.from({ length: 4 }, () => Float32Array.of(1, 2, 3));
    expect(() => fitPca(featureMatrix(same), 2)).toThrow(/same style features/);
  });
});

describe('fitStyleSpace', () => {
  it('clusters pictures by style and not by content', () => {
    const { labels } = fit();
    expect(
      clusterAgreement(
        labels,
        pictures.map(({ style }) => style),
      ).nmi,
    ).toBe(1);
  });

  it('projects an unseen picture onto its own style: weights add up to 1, s = Σ w μ', () => {
    const { labels } = fit();
    for (const { style, gram } of mix(5, 'unseen')) {
      const seen = projectStyle(space, gram);
      expect(seen.cluster).toBe(labels[style * 30]);
      expect(seen.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      expect(seen.confidence).toBe(Math.max(...seen.weights));
      const expected = seen.weights.reduce(
        (sum, weight, j) => sum + weight * (space.centres.data[j * space.centres.columns] ?? 0),
        0,
      );
      expect(seen.style[0]).toBeCloseTo(expected, 5);
    }
  });

  it('sharpens with a smaller τ and evens out with a larger one', () => {
    const gram = feature(1, 'tau');
    const confidence = (temperature: number) => projectStyle({ ...space, temperature }, gram).confidence;
    expect(confidence(0.001)).toBeGreaterThan(0.999);
    expect(confidence(0.1)).toBeGreaterThan(confidence(1));
    expect(confidence(100)).toBeCloseTo(1 / 3, 1);
  });

  it('knows held-out pictures of its styles and tells one of none of them', () => {
    const calibrated = calibrateOutside(
      space,
      mix(30, 'held').map(({ gram }) => gram),
      0.95,
    );
    const known = mix(30, 'later').filter(({ gram }) => projectStyle(calibrated, gram).known).length;
    expect(known / 90).toBeGreaterThan(0.85);
    const outside = Array.from({ length: 30 }, (_, i) => feature(17, `${i}`)).filter(
      (gram) => projectStyle(calibrated, gram).known,
    );
    expect(outside.length).toBeLessThan(5);
  });

  it('is the same for the same seed', () => {
    expect(styleSpaceHash(fit().space)).toBe(styleSpaceHash(space));
  });

  it('refuses more clusters than pictures, NaN features and features of another length', () => {
    const few = pictures.slice(0, 3).map(({ gram }) => gram);
    expect(() => fitStyleSpace(few, { extractorHash, k: 4 })).toThrow(
      /4 clusters needs at least 4 pictures, got 3/,
    );
    const broken = [...few, few[0]?.map(() => Number.NaN) ?? new Float32Array()];
    expect(() => fitStyleSpace(broken, { extractorHash, k: 2 })).toThrow(/picture 3: value 0 is NaN/);
    expect(() => projectStyle(space, Float32Array.of(1, 2))).toThrow(/expected 21 values, got 2/);
    expect(() => projectStyle(space, new Float32Array(21).fill(Number.NaN))).toThrow(/value 0 is NaN/);
  });
});

describe('style space file', () => {
  it('gives back the very same space', async () => {
    const path = join(folder, 'space.safetensors');
    const hash = await writeStyleSpace(path, space);
    const back = await readStyleSpace(path);
    expect(back).toEqual(space);
    expect(styleSpaceHash(back)).toBe(hash);
    const gram = feature(2, 'file');
    expect(projectStyle(back, gram)).toEqual(projectStyle(space, gram));
  });

  it('has another hash when anything changes', () => {
    const base = styleSpaceHash(space);
    const changed = space.centres.data.slice();
    changed[0] = (changed[0] ?? 0) + 1e-6;
    for (const other of [
      { ...space, temperature: 0.2 },
      { ...space, names: ['a', 'b', 'c'] },
      { ...space, extractorHash: 'd'.repeat(64) },
      { ...space, centres: { ...space.centres, data: changed } },
    ])
      expect(styleSpaceHash(other)).not.toBe(base);
  });

  it('notices a flipped bit, a truncated file and a file of another kind', async () => {
    const path = join(folder, 'space.safetensors');
    await writeStyleSpace(path, space);
    const bytes = await readFile(path);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 2] = (flipped[bytes.length - 2] ?? 0) ^ 1;
    await writeFile(join(folder, 'flipped.safetensors'), flipped);
    await expect(readStyleSpace(join(folder, 'flipped.safetensors'))).rejects.toThrow(/content hash is/);
    await writeFile(join(folder, 'cut.safetensors'), bytes.subarray(0, bytes.length - 5));
    await expect(readStyleSpace(join(folder, 'cut.safetensors'))).rejects.toThrow(/truncated/);
    const header = Buffer.from('{}      ');
    await writeFile(
      join(folder, 'other.safetensors'),
      Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), header]),
    );
    await expect(readStyleSpace(join(folder, 'other.safetensors'))).rejects.toThrow(
      /expected a style space of version 1/,
    );
  });

  it('is refused by a model with another style extractor', () => {
    expect(() => assertStyleSpaceFits(space, 'e'.repeat(64))).toThrow(
      /made with style extractor cccccccccccc…, the model has eeeeeeeeeeee…/,
    );
    expect(() => assertStyleSpaceFits(space, extractorHash)).not.toThrow();
  });
});
