import { cropResize } from '../../image/crop-resize.js';
import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';

export interface AugmentOptions {
  readonly size: number;
  readonly style: string;
  /** The query means a class and not one photo: a mirrored query still means the same. */
  readonly mayFlip: boolean;
}

/** One training view of a query picture: a crop of 75–100 % of the area, mirrored where that keeps the target,
 *  and for sketches now and then a stroke or two rubbed out. */
export function augmentQuery(picture: RgbImage, options: AugmentOptions, random: Random): RgbImage {
  const side = Math.sqrt(0.75 + 0.25 * random.uniform());
  const width = picture.width * side;
  const height = picture.height * side;
  const box = {
    x: random.uniform() * (picture.width - width),
    y: random.uniform() * (picture.height - height),
    width,
    height,
  };
  const flip = options.mayFlip && random.uniform() < 0.5;
  const cut = cropResize(picture, box, options.size, options.size, flip);
  if (options.style === 'sketch' && random.uniform() < 0.4) rubOut(cut, random);
  return cut;
}

/** White rectangles over parts of a sketch, in place: the next person will leave out other strokes. */
function rubOut(picture: RgbImage, random: Random): void {
  for (let patch = 0; patch < 1 + random.integer(3); patch++) {
    const width = 8 + random.integer(Math.floor(picture.width / 4));
    const height = 8 + random.integer(Math.floor(picture.height / 4));
    const left = random.integer(picture.width - width);
    const top = random.integer(picture.height - height);
    for (let y = top; y < top + height; y++) {
      const start = (y * picture.width + left) * 3;
      picture.data.fill(255, start, start + width * 3);
    }
  }
}

/** The whole picture at the tower's size, as at search time. */
export const plainQuery = (picture: RgbImage, size: number): RgbImage =>
  cropResize(picture, { x: 0, y: 0, width: picture.width, height: picture.height }, size, size);
