import { createRandom } from '../random.js';

const CONSONANTS = 'bcdfghjklmnpqrstvwxz';
const VOWELS = 'aeiouy';

/** Words that mean nothing, always the same: what a model says of them is chance. Half are keys struck at random, half can
 *  be pronounced.
 *  @param count of words. @param seed another one gives other words. */
export function madeUpWords(count: number, seed = 1): string[] {
  const random = createRandom(seed);
  const pick = (letters: string) => letters[random.integer(letters.length)] ?? '';
  return Array.from({ length: count }, (_, i) => {
    const length = 5 + random.integer(5);
    const letter = (at: number) =>
      i % 2 === 0 ? pick(CONSONANTS + VOWELS) : pick(at % 2 === 0 ? CONSONANTS : VOWELS);
    return Array.from({ length }, (__, at) => letter(at)).join('');
  });
}
