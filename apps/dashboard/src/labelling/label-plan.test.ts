import { expect, it } from 'vitest';
import { changeBetween, labelled, planFromParams, planToParams } from './label-plan';

const CLASSES = { as: 'class', values: ['dog', 'cat'] } as const;
const TAGS = { as: 'tag', values: ['good', 'bad'] } as const;
const PLAIN = { class: null, tags: ['old'] };

it('a plan travels in the address beside the filter', () => {
  const params = planToParams(TAGS, new URLSearchParams('class=dog&label=stale'));
  expect(planFromParams(params)).toEqual(TAGS);
  expect(params.getAll('class')).toEqual(['dog']);
});

it('there are never more values than number keys', () => {
  const params = new URLSearchParams(Array.from({ length: 14 }, (_, n) => ['label', `v${n}`]));
  expect(planFromParams(params).values).toHaveLength(9);
});

it('a class replaces the one before and can be taken away', () => {
  const dog = labelled(PLAIN, CLASSES, 'dog');
  expect(changeBetween(PLAIN, dog)).toEqual({ class: 'dog' });
  expect(changeBetween(dog, labelled(dog, CLASSES, null))).toEqual({ class: '' });
  expect(changeBetween(dog, labelled(dog, CLASSES, 'dog'))).toBeNull();
});

it('the same key gives a tag and takes it away, and leaves other tags alone', () => {
  const good = labelled(PLAIN, TAGS, 'good');
  expect(changeBetween(PLAIN, good)).toEqual({ addTags: ['good'] });
  expect(changeBetween(good, labelled(good, TAGS, 'good'))).toEqual({ removeTags: ['good'] });
  expect(good.tags).toEqual(['old', 'good']);
});
