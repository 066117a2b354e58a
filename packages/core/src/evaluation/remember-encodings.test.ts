import { describe, expect, it } from 'vitest';
import { evaluateModel } from './evaluate-model.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { createEncodingMemory, evaluateRemembered } from './remember-encodings.js';

/** Counts what reaches the model. */
function counting() {
  const model = pixelModel();
  const counts = { images: 0, texts: 0, queries: 0 };
  return {
    counts,
    model: {
      ...model,
      encodeImages: (images: Parameters<typeof model.encodeImages>[0]) => {
        counts.images += images.length;
        return model.encodeImages(images);
      },
      encodeTexts: (texts: readonly string[]) => {
        counts.texts += texts.length;
        return model.encodeTexts(texts);
      },
      encodeQueries: (images: Parameters<typeof model.encodeQueries>[0]) => {
        counts.queries += images.length;
        return model.encodeQueries(images);
      },
    },
  };
}

describe('evaluateRemembered', () => {
  it('encodes the gallery and each text once for several towers, and every query each time, with the same report', async () => {
    const plain = await evaluateModel(pixelModel(), pixelSet());
    const set = pixelSet();
    const memory = createEncodingMemory(pixelModel().spaceHash);
    const { model, counts } = counting();
    for (let tower = 0; tower < 3; tower++) {
      const report = await evaluateRemembered(model, set, memory);
      expect(report.styles).toEqual(plain.styles);
    }
    // Three different texts are asked 24 times.
    expect(counts).toEqual({ images: 24, texts: 3, queries: 3 * 72 });
  });

  it('refuses a model of another space', async () => {
    await expect(evaluateRemembered(pixelModel(), pixelSet(), createEncodingMemory('other'))).rejects.toThrow(
      /remembered is other/,
    );
  });
});
