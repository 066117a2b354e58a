import type { Random } from '../../../random.js';

const CONSONANTS = [
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'j',
  'k',
  'l',
  'm',
  'n',
  'p',
  'q',
  'r',
  's',
  't',
  'v',
  'w',
  'x',
  'z',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'y'];
const STARTS = [
  ...CONSONANTS,
  'bl',
  'br',
  'cl',
  'dr',
  'fl',
  'gr',
  'kr',
  'pl',
  'sk',
  'sn',
  'sp',
  'str',
  'thr',
  'tr',
  'zw',
];
const ENDS = ['', '', '', 'n', 'm', 'l', 'r', 's', 'x', 'ck', 'ft', 'lk', 'mp', 'nd', 'ng', 'rp', 'st', 'zz'];
/** Letters of the rows of a keyboard, where fingers lie that type nothing. */
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

const pick = <T>(items: readonly T[], random: Random): T => items[random.integer(items.length)] as T;

const repeat = (from: number, to: number, random: Random, make: () => string): string =>
  Array.from({ length: from + random.integer(to - from + 1) }, make).join('');

/** A word that no language has, as far as chance allows: letters by chance, syllables, a row of the keyboard, consonants
 *  alone, or the letters of a real word in another order.
 *  @param real words to shuffle. */
export function madeUpWord(real: readonly string[], random: Random): string {
  switch (random.integer(5)) {
    case 0:
      return repeat(4, 10, random, () => pick([...CONSONANTS, ...VOWELS], random));
    case 1:
      return repeat(2, 4, random, () => pick(STARTS, random) + pick(VOWELS, random) + pick(ENDS, random));
    case 2: {
      const row = pick(ROWS, random);
      return repeat(4, 9, random, () => row[random.integer(row.length)] ?? '');
    }
    case 3:
      return repeat(4, 8, random, () => pick(CONSONANTS, random));
    default:
      return random.shuffle([...pick(real, random)]).join('');
  }
}

/** One to three made-up words. */
export const madeUpText = (real: readonly string[], random: Random): string =>
  Array.from({ length: pick([1, 1, 1, 2, 3], random) }, () => madeUpWord(real, random)).join(' ');
