import type { Dataset } from './dataset.js';

/** What people write instead of a class: captions hardly ever say "person". */
const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  cat: ['kitten'],
  dog: ['puppy', 'puppies'],
  horse: ['pony', 'ponies'],
  person: [
    ...['man', 'men', 'woman', 'women', 'boy', 'girl', 'child', 'children', 'kid', 'baby', 'babies'],
    ...['toddler', 'people', 'lady', 'ladies', 'guy'],
  ],
};

/** Share of a photo's captions that must name a class: what one of five mentions is seldom what is seen first. */
const NAMED_BY = 1 / 3;

/** Tells the photos without a class whose captions name one: indices into `dataset.images`. A class is named by its
 *  words, in the singular or plural, or by what people write instead of it; `_` and `-` part words. */
export function namedInCaptions(dataset: Dataset): (name: string) => readonly number[] {
  const texts = dataset.images.map((image) =>
    image.class === undefined ? image.captions.map((caption) => caption.toLowerCase()) : [],
  );
  const found = new Map<string, readonly number[]>();
  return (name) => {
    const known = found.get(name);
    if (known) return known;
    const names = namePattern(name);
    const photos = texts.flatMap((captions, photo) => {
      const naming = captions.filter((caption) => names.test(caption)).length;
      return naming > 0 && naming >= captions.length * NAMED_BY ? [photo] : [];
    });
    found.set(name, photos);
    return photos;
  };
}

function namePattern(name: string): RegExp {
  const words = name.toLowerCase().replace(/[_-]+/g, ' ').trim();
  const escaped = [words, ...(ALSO_CALLED[words] ?? [])].map((one) =>
    one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s+'),
  );
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?:e?s)?(?![\\p{L}\\p{N}])`, 'u');
}
