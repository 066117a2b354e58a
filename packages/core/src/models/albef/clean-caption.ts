/** Words that ALBEF and BLIP keep of a caption. */
const MAX_WORDS = 30;

/** A caption as ALBEF was trained on it: lower case, punctuation taken out, hyphens and slashes as spaces,
 *  the data's `<person>` as a word, at most 30 words. */
export function cleanCaption(text: string): string {
  const words = text
    .toLowerCase()
    .replaceAll('<person>', 'person')
    .replace(/[,.'!?"()*#:;~]/g, '')
    .replace(/[-/]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.slice(0, MAX_WORDS).join(' ');
}
