import { expect, it } from 'vitest';
import { stripes } from '../testing/index.js';
import { CLASS_WORDS, withClassWords } from './class-words.js';
import type { EvaluationSet } from './evaluation-set.js';
import { isUnseenStyle, makersOf, plainStyle, unseenStyle, withUnseenMakers } from './makers.js';

const set: EvaluationSet = {
  name: 'photos',
  split: null,
  photos: Array.from({ length: 12 }, (_, i) => ({
    id: `${i}.jpg`,
    className: i < 4 ? 'inline_skate' : i < 8 ? 'owl' : undefined,
    load: async () => stripes(i, 400),
  })),
  queries: [
    { id: 'drawn', style: 'sketch', target: '1.jpg', content: { load: async () => stripes(1, 64) } },
    {
      id: 'made',
      style: 'art',
      target: '1.jpg',
      maker: 'art-oil',
      content: { load: async () => stripes(1, 64) },
    },
  ],
};

it('adds queries of held-out makers as styles of their own, and leaves all others as they are', () => {
  const wider = withUnseenMakers(set, { perStyle: 5 });
  expect(wider.queries.slice(0, 2)).toEqual(set.queries);
  const made = wider.queries.slice(2);
  expect(made.map(({ style }) => style)).toEqual([
    ...Array(5).fill('art (unseen makers)'),
    ...Array(5).fill('sketch (unseen makers)'),
    ...Array(5).fill('lowres (unseen makers)'),
  ]);
  expect(made.every((query) => makersOf(query) === 'unseen')).toBe(true);
  expect(set.queries.map(makersOf)).toEqual(['people', 'seen']);
  expect(new Set(wider.queries.map(({ id }) => id)).size).toBe(wider.queries.length);
  expect(withUnseenMakers(set, { perStyle: 0 }).queries).toEqual(set.queries);
});

it('draws the same picture of a photo whatever other photos there are, and another one for another seed', async () => {
  const of = async (gallery: EvaluationSet, seed: number) => {
    const { queries } = withUnseenMakers(gallery, { perStyle: 99, seed, styles: ['art'] });
    const content = queries.find(({ target, style }) => target === '3.jpg' && isUnseenStyle(style))?.content;
    return content && 'load' in content ? content.load() : undefined;
  };
  const first = await of(set, 1);
  expect(first).toBeDefined();
  expect(Math.max(first?.width ?? 0, first?.height ?? 0)).toBeLessThanOrEqual(256);
  expect(await of({ ...set, photos: set.photos.slice(3) }, 1)).toEqual(first);
  expect(await of(set, 2)).not.toEqual(first);
});

it('keeps to the styles asked for, by either name, and to those not there yet', () => {
  const only = (styles: string[]) =>
    new Set(
      withUnseenMakers(set, { perStyle: 1, styles })
        .queries.slice(2)
        .map(({ style }) => style),
    );
  expect(only(['art'])).toEqual(new Set(['art (unseen makers)']));
  expect(only(['sketch (unseen makers)', 'text'])).toEqual(new Set(['sketch (unseen makers)']));
  const twice = withUnseenMakers(withUnseenMakers(set, { perStyle: 2 }), { perStyle: 2 });
  expect(twice.queries).toHaveLength(set.queries.length + 6);
  expect([unseenStyle('art'), unseenStyle(unseenStyle('art')), plainStyle(unseenStyle('art'))]).toEqual([
    'art (unseen makers)',
    'art (unseen makers)',
    'art',
  ]);
});

it('asks for each class of the gallery in words, and for none where there is nothing to tell apart', () => {
  const asked = withClassWords(set).queries.slice(2);
  expect(asked.map(({ style, className, content }) => [style, className, content])).toEqual([
    [CLASS_WORDS, 'inline_skate', { text: 'an inline skate' }],
    [CLASS_WORDS, 'owl', { text: 'an owl' }],
  ]);
  expect(withClassWords({ ...set, photos: set.photos.slice(0, 4) }).queries).toEqual(set.queries);
  expect(withClassWords(set, ['art']).queries).toEqual(set.queries);
});
