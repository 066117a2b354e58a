// Pixels of pictures decoded at a time, whatever the photos' size; a single one may exceed them.
const BATCH_PIXELS = 32_000_000;

/** Splits photos, in their order, into groups that may be decoded together. */
export function* groupsByPixels<T>(photos: readonly T[], pixelsOf: (photo: T) => number): Generator<T[]> {
  let group: T[] = [];
  let pixels = 0;
  for (const photo of photos) {
    const size = pixelsOf(photo);
    if (group.length > 0 && pixels + size > BATCH_PIXELS) {
      yield group;
      group = [];
      pixels = 0;
    }
    group.push(photo);
    pixels += size;
  }
  if (group.length > 0) yield group;
}
