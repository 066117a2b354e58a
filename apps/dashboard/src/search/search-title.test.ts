import { expect, it } from 'vitest';
import { searchTitle } from './search-title.js';
import { newPhotoPart, newSketchPart, newTextPart } from './use-search-state.js';

it('a search is called by its parts, and what it pushes away by a minus', () => {
  const parts = [newTextPart('a dog'), newPhotoPart('a'), newTextPart('people', true)];
  expect(searchTitle(parts)).toBe('“a dog” + Gallery photo − “people”');
});

it('parts that say nothing yet are not named', () => {
  expect(searchTitle([newTextPart(' '), newSketchPart()])).toBe('');
});
