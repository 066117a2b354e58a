import { describe, expect, it } from 'vitest';
import { decodeImage } from '../image/image-codec.js';
import { evaluateModel } from './evaluate-model.js';
import { drawExamples, exampleHtml, examplePng } from './example-sheet.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';

const set = pixelSet();
const report = await evaluateModel(pixelModel(), set, { mixed: [['text', 'sketch']] });

describe('example sheets', () => {
  it('show each style and each mixture with the first five photos and the right one marked', async () => {
    const sections = await drawExamples(report, set, { perSection: 3 });
    expect(sections.map(({ section }) => section.name)).toEqual([
      'text',
      'sketch',
      'sketch (class)',
      'art',
      'text+sketch',
    ]);
    for (const { result, hits } of sections.flatMap(({ examples }) => examples)) {
      expect(hits).toHaveLength(5);
      const rank = hits.findIndex(({ right }) => right) + 1;
      expect(rank).toBe((result.ranks[0] ?? 0) <= 5 ? result.ranks[0] : 0);
    }
    const html = await exampleHtml(report, sections);
    expect(html.match(/class="row"/g)).toHaveLength(15);
    expect(html).toContain('“a red ground”');
    expect(html).toContain('flat 70 %, dark 30 %');
    const marked = sections
      .flatMap(({ examples }) => examples)
      .flatMap(({ hits }) => hits)
      .filter(({ right }) => right);
    expect(html.match(/✓ meant/g)).toHaveLength(marked.length);
  });

  it('stand alone: no script, nothing fetched', async () => {
    const html = await exampleHtml(report, await drawExamples(report, set, { perSection: 1 }));
    expect(html).not.toMatch(/<script|https?:|src="(?!data:)/);
  });

  it('draw at random by seed, not the best queries', async () => {
    const ids = async (seed: number) =>
      (await drawExamples(report, set, { perSection: 3, seed })).map(({ examples }) =>
        examples.map(({ result }) => result.id),
      );
    expect(await ids(1)).toEqual(await ids(1));
    expect(await ids(1)).not.toEqual(await ids(2));
  });

  it('come as one picture too, a row for each query', async () => {
    const image = await decodeImage(await examplePng(await drawExamples(report, set, { perSection: 2 })));
    expect([image.width, image.height]).toEqual([8 * 164 + 4, 10 * 164 + 4]);
  });
});
