import type { EvaluationQuery, EvaluationSet } from './evaluation-set.js';

/** The style under which class names as text queries are reported: apart from captions, which mean one photo. */
export const CLASS_WORDS = 'class words';

/** The name of a class in words, in a sentence, which is what text towers have read: `an inline skate`. */
export function classPhrase(className: string): string {
  const words = className.replaceAll(/[_-]+/g, ' ').trim();
  return `${/^[aeiou]/i.test(words) ? 'an' : 'a'} ${words}`;
}

/** The set with a text query for each class of its gallery, for which every photo of the class is relevant. A gallery of
 *  fewer than two classes gets none: every photo would be right. */
export function withClassWords(set: EvaluationSet, styles?: readonly string[]): EvaluationSet {
  if (styles !== undefined && !styles.includes(CLASS_WORDS)) return set;
  const classes = [...new Set(set.photos.flatMap(({ className }) => className ?? []))].sort();
  if (classes.length < 2 || set.queries.some(({ style }) => style === CLASS_WORDS)) return set;
  const queries = classes.map((className): EvaluationQuery => {
    const content = { text: classPhrase(className) };
    return { id: `words of class ${className}`, style: CLASS_WORDS, className, content };
  });
  return { ...set, queries: [...set.queries, ...queries] };
}
