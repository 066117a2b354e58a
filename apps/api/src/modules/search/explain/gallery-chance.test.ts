import { relevance } from '@freestyle/core';
import { describe, expect, it } from 'vitest';
import { createTestEncoder } from '../../../testing/test-encoder.js';
import { createGalleryChance } from './gallery-chance.js';

const DIMENSIONS = createTestEncoder().dimensions;

/** Vectors all over the space, `shift` further towards every text. */
function galleryOf(count: number, shift: number): Float32Array[] {
  return Array.from({ length: count }, (_, i) =>
    Float32Array.from({ length: DIMENSIONS }, (__, d) => Math.sin(i * 7.1 + d * 3.7) / 8 + shift),
  );
}

const scale = { gallery: 1000, floor: 2.5, background: 16, kinds: { text: { location: 2, scale: 0.3 } } };

function chanceOn(gallery: { vectors: Float32Array[]; reads: number }, own: object | null = scale) {
  const model = { ...createTestEncoder(), relevance: own as typeof scale };
  const chance = createGalleryChance({
    sample: async (_space, step, most) => {
      gallery.reads += 1;
      return gallery.vectors.filter((_, i) => i % step === 0).slice(0, most);
    },
  });
  return (photos = gallery.vectors.length) => chance.scaleOf({ model, spaceId: 1 }, photos);
}

describe('chance on a gallery', () => {
  it('is told by what made-up words find there: a gallery nearer to all words asks for more', async () => {
    const far = await chanceOn({ vectors: galleryOf(200, 0), reads: 0 })();
    const near = await chanceOn({ vectors: galleryOf(200, 0.05), reads: 0 })();
    const at = (one: typeof far) => (one ? relevance(one, 'text', 3, 200) : null) ?? Number.NaN;
    expect(at(near)).toBeLessThan(at(far));
  });

  it('is that of words that mean something, where the model tells made-up ones by a number that no photo has', async () => {
    const plain = createTestEncoder();
    const silent = (vectors: readonly Float32Array[], share: number) =>
      vectors.map((vector) =>
        Float32Array.of(...vector.map((value) => value * share), Math.sqrt(1 - share ** 2)),
      );
    const told = {
      ...plain,
      relevance: scale,
      encodeTexts: async (texts: readonly string[]) => silent(await plain.encodeTexts(texts), 0.1),
    };
    const gallery = galleryOf(200, 0.02);
    const without = await chanceOn({ vectors: gallery, reads: 0 })();
    const sample = async () => gallery.map((vector) => Float32Array.of(...vector, 0));
    const chance = createGalleryChance({ sample }).scaleOf({ model: told, spaceId: 1 }, 200);
    const { location = Number.NaN } = (await chance)?.kinds.text ?? {};
    expect(location).toBeCloseTo(without?.kinds.text?.location ?? 0, 3);
  });

  it('is kept until the gallery has changed by a quarter, and what was known answers while it is measured anew', async () => {
    const gallery = { vectors: galleryOf(100, 0), reads: 0 };
    const scaleOf = chanceOn(gallery);
    const first = await scaleOf();
    gallery.vectors = galleryOf(120, 0.05);
    expect(await scaleOf()).toBe(first);
    gallery.vectors = galleryOf(200, 0.05);
    expect(await scaleOf()).toBe(first);
    expect(await scaleOf()).not.toEqual(first);
    expect(gallery.reads).toBe(2);
  });

  it('is the model’s own where the gallery is empty, or the model has no background', async () => {
    expect(await chanceOn({ vectors: [], reads: 0 })()).toBe(scale);
    const fixed = { ...scale, background: undefined };
    expect(await chanceOn({ vectors: galleryOf(10, 0), reads: 0 }, fixed)()).toBe(fixed);
    expect(await chanceOn({ vectors: galleryOf(10, 0), reads: 0 }, null)()).toBeNull();
  });
});
