import { squash } from '../../image/crop-resize.js';
import { resizeImage } from '../../image/image-codec.js';
import type { RgbImage } from '../../image/rgb-image.js';

/** Pictures with more pixels than this are first shrunk off the main thread. */
const LARGE = 512 * 512;

/** A picture at the tower's size, squeezed to a square: nothing is cut off, and training has seen sides of 3:4 to 4:3. */
export async function fitPicture(image: RgbImage, size: number): Promise<RgbImage> {
  const near =
    image.width * image.height > LARGE ? await resizeImage(image, 2 * size, 2 * size, 'bilinear') : image;
  return squash(near, size);
}
