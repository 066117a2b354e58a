import { expect, it } from 'vitest';
import { splitOfName } from './list-fields.js';

it.each([
  ['captions_train2017.json', 'train'],
  ['annotations/captions_val2017.json', 'val'],
  ['Flickr_8k.trainImages.txt', 'train'],
  ['Flickr_8k.devImages.txt', 'val'],
  ['test.csv', 'test'],
  ['TRAIN.csv', 'train'],
  ['testset.jsonl', 'test'],
  ['retrieval_train.json', 'train'],
  ['validation-1.csv', 'val'],
  ['latest.csv', undefined],
  ['contest.jsonl', undefined],
  ['devices.csv', undefined],
  ['strained.csv', undefined],
  ['valentine/list.json', undefined],
  ['train/list.json', undefined],
  ['retrieval.json', undefined],
])('only a whole word of a list’s own name is its split: %s', (path, split) => {
  expect(splitOfName(path)).toBe(split);
});
