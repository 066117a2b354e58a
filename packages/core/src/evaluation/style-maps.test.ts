import { describe, expect, it } from 'vitest';
import { evaluateModel } from './evaluate-model.js';
import type { EvaluationSet } from './evaluation-set.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { styleMapSvgs, styleMaps } from './style-maps.js';

/** The blocks as "art" of their photo: the same picture, much brighter, so that the backbone sees the style at once. */
function brightened(): EvaluationSet {
  const set = pixelSet();
  const art = set.photos.map((photo) => ({
    id: `art:${photo.id}`,
    style: 'art',
    target: photo.id,
    content: {
      load: async () => {
        const image = await photo.load();
        return { ...image, data: image.data.map((value) => Math.min(255, 130 + value / 2)) };
      },
    },
  }));
  return { ...set, queries: [...set.queries.filter(({ style }) => style === 'sketch'), ...art] };
}

/** A tower that takes the mean brightness out again, in front of the same backbone. */
function levellingModel() {
  const model = pixelModel();
  return {
    ...model,
    encodeQueries: async (images: Parameters<typeof model.encodeQueries>[0]) =>
      (await model.encodeImages(images)).map((vector) => {
        const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
        const level = vector.map((value) => value - mean);
        const length = Math.hypot(...level) || 1;
        return { vector: level.map((value) => value / length), style: null };
      }),
  };
}

describe('styleMaps', () => {
  it('shows that a tower which undoes a style hides it from the probe and brings queries of one photo together', async () => {
    const { before, after, queries } = await styleMaps(levellingModel(), brightened());
    expect(queries).toHaveLength(48);
    expect(before.styleProbe.accuracy).toBeGreaterThan(0.9);
    expect(after.styleProbe.accuracy).toBeLessThan(before.styleProbe.accuracy);
    expect(after.meaningKept).toBeGreaterThan(before.meaningKept);
    // The backbone's own figure is the one that an evaluation of the same queries gives.
    const report = await evaluateModel(pixelModel(), brightened(), {
      queryEncoder: 'backbone',
    });
    const hits = report.styles.map(({ figures }) => figures.metrics['hit@1'] ?? 0);
    expect(before.hitAt1).toBeCloseTo((hits[0] ?? 0) / 2 + (hits[1] ?? 0) / 2, 1);
  });

  it('draws before and after, by style and by photo', async () => {
    const maps = await styleMaps(levellingModel(), brightened());
    const files = styleMapSvgs(maps, 'pca');
    expect(Object.keys(files).sort()).toEqual([
      'pca-meaning-after.svg',
      'pca-meaning-before.svg',
      'pca-style-after.svg',
      'pca-style-before.svg',
    ]);
    expect(files['pca-style-before.svg']).toContain('sketch (24)');
    expect(files['pca-meaning-after.svg']).toContain('other photos (34)');
  });

  it('colours by class where all queries name one of a few', async () => {
    const set = brightened();
    const classOf = new Map(set.photos.map(({ id, className }) => [id, className]));
    const queries = set.queries.map((query) => ({ ...query, className: classOf.get(query.target ?? '') }));
    const files = styleMapSvgs(await styleMaps(levellingModel(), { ...set, queries }), 'pca');
    expect(files['pca-meaning-after.svg']).toContain('Queries by the class that is meant');
    expect(files['pca-meaning-after.svg']).toContain('green (16)');
  });

  it('refuses a set with one style only', async () => {
    const set = pixelSet();
    const sketches = { ...set, queries: set.queries.filter(({ style }) => style === 'sketch') };
    await expect(styleMaps(pixelModel(), sketches)).rejects.toThrow(/at least 2 styles .* got sketch/);
  });
});
