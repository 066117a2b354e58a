import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { clusterAgreement } from './cluster-agreement.js';
import { featureMatrix } from './feature-matrix.js';
import { kMeans } from './kmeans.js';
import { meanSilhouette, suggestClusterCount } from './suggest-clusters.js';

/** Round clouds of points about given centres. */
function clouds(centres: readonly (readonly number[])[], each: number, spread: number, seed = 'clouds') {
  const random = createRandom(seed);
  const truth: number[] = [];
  const rows = centres.flatMap((centre, label) =>
    Array.from({ length: each }, () => {
      truth.push(label);
      return Float32Array.from(centre, (value) => value + spread * random.normal());
    }),
  );
  return { features: featureMatrix(rows), truth };
}

const corners = [
  [0, 0],
  [10, 0],
  [0, 10],
  [10, 10],
];

describe('kMeans', () => {
  it('finds four clouds exactly, with their means as centroids', () => {
    const { features, truth } = clouds(corners, 50, 0.5);
    const { labels, centroids } = kMeans(features, 4);
    expect(clusterAgreement(labels, truth)).toMatchObject({ purity: 1, nmi: 1, adjustedRand: 1 });
    for (const [x, y] of corners) {
      const near = [...Array(4).keys()].some(
        (c) =>
          Math.hypot((centroids.data[2 * c] ?? 99) - (x ?? 0), (centroids.data[2 * c + 1] ?? 99) - (y ?? 0)) <
          0.3,
      );
      expect(near).toBe(true);
    }
  });

  it('gives the known best answer on a line: {0, 1}, {10}, {20, 22} has inertia 0.5 + 0 + 2', () => {
    const features = featureMatrix([0, 1, 10, 20, 22].map((x) => Float32Array.of(x)));
    const { inertia, centroids } = kMeans(features, 3);
    expect(inertia).toBeCloseTo(2.5, 5);
    expect([...centroids.data].sort((a, b) => a - b)).toEqual([0.5, 10, 21]);
  });

  it('leaves no cluster empty, whatever the start, even at one cluster a picture', () => {
    const random = createRandom('empty');
    for (let trial = 0; trial < 30; trial++) {
      const rows = Array.from({ length: 12 }, () => Float32Array.of(random.integer(40), random.integer(3)));
      const distinct = new Set(rows.map(String)).size;
      const { labels, centroids } = kMeans(featureMatrix(rows), distinct, { seed: trial, restarts: 1 });
      expect(new Set(labels).size).toBe(distinct);
      expect(centroids.data.every(Number.isFinite)).toBe(true);
    }
  });

  it('is the same for the same seed, and more restarts never make it worse', () => {
    const { features } = clouds(corners, 20, 4, 'overlapping');
    const inertia = (restarts: number) => kMeans(features, 6, { seed: 3, restarts }).inertia;
    expect(kMeans(features, 6, { seed: 3 })).toEqual(kMeans(features, 6, { seed: 3 }));
    expect(inertia(20)).toBeLessThanOrEqual(inertia(1));
  });

  it('refuses more clusters than pictures, or than different pictures', () => {
    const features = featureMatrix([1, 1, 1, 2].map((x) => Float32Array.of(x)));
    expect(() => kMeans(features, 5)).toThrow(/5 clusters were asked for from 4 pictures/);
    expect(() => kMeans(features, 3)).toThrow(/fewer pictures than that differ/);
    expect(() => kMeans(features, 0)).toThrow(/whole number from 1 to 4/);
  });
});

describe('suggestClusterCount', () => {
  it('suggests the number of clouds that there are', () => {
    for (const count of [2, 3, 4]) {
      const { features } = clouds(corners.slice(0, count), 40, 1, `suggest ${count}`);
      const { k, scores } = suggestClusterCount(features, { to: 6, splits: 3 });
      expect(k).toBe(count);
      expect(scores.map((score) => score.k)).toEqual([2, 3, 4, 5, 6]);
      expect(scores[count - 2]?.stability).toBeGreaterThan(0.99);
    }
  });

  it('computes the silhouette of a worked example: 0, 1 against 4, 5', () => {
    const features = featureMatrix([0, 1, 4, 5].map((x) => Float32Array.of(x)));
    // 0: a = 1, b = 4.5; 1: a = 1, b = 3.5; the others mirror them.
    const expected = (3.5 / 4.5 + 2.5 / 3.5) / 2;
    expect(meanSilhouette(features, Int32Array.of(0, 0, 1, 1), 2)).toBeCloseTo(expected, 6);
  });

  it('refuses when there are too few pictures to halve', () => {
    expect(() => suggestClusterCount(clouds(corners, 2, 1).features)).toThrow(/at least 16 pictures, got 8/);
  });
});

describe('clusterAgreement', () => {
  it('gives the values of the formulas, worked out apart, on a small case', () => {
    // NMI with the arithmetic mean of the entropies, and the adjusted Rand index over pairs.
    const found = clusterAgreement([0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1]);
    expect(found.nmi).toBeCloseTo(0.5158037429793889, 10);
    expect(found.adjustedRand).toBeCloseTo(0.24242424242424243, 10);
    expect(found.purity).toBeCloseTo(5 / 6, 12);
  });

  it('does not care what clusters are called, and finds nothing in one cluster', () => {
    expect(clusterAgreement(['b', 'b', 'a'], [1, 1, 2])).toEqual({ purity: 1, nmi: 1, adjustedRand: 1 });
    expect(clusterAgreement([0, 0, 0, 0], [0, 0, 1, 1])).toMatchObject({
      purity: 0.5,
      nmi: 0,
      adjustedRand: 0,
    });
    expect(() => clusterAgreement([0], [0, 1])).toThrow(/got 1 and 2/);
  });
});
