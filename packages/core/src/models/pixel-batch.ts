import type { RgbImage } from '../image/rgb-image.js';
import { hostTensor } from '../runtime/session.js';

/** Pictures of one size as the tower's `pixels`. */
export function pixelBatch(pictures: readonly RgbImage[], size: number) {
  const record = size * size * 3;
  const data = new Uint8Array(pictures.length * record);
  pictures.forEach((picture, index) => {
    if (picture.width !== size || picture.height !== size) {
      throw new RangeError(
        `pixelBatch: picture ${index} is ${picture.width}×${picture.height}, expected ${size}`,
      );
    }
    data.set(picture.data, index * record);
  });
  return hostTensor('uint8', data, [pictures.length, size, size, 3]);
}
