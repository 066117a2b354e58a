import type { RgbImage } from '../../image/rgb-image.js';

/** One channel of a picture or a map over it: `[height, width]`, float32. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A plane of zeros. */
export const emptyPlane = (width: number, height: number): Plane => ({
  width,
  height,
  data: new Float32Array(width * height),
});

/** Luma of each pixel, 0 to 1 (Rec. 601 weights on the gamma-coded values, as drawings are judged by eye). */
export function lumaPlane(image: RgbImage): Plane {
  const plane = emptyPlane(image.width, image.height);
  const { data } = image;
  for (let i = 0, p = 0; i < plane.data.length; i++, p += 3) {
    plane.data[i] = (0.299 * (data[p] ?? 0) + 0.587 * (data[p + 1] ?? 0) + 0.114 * (data[p + 2] ?? 0)) / 255;
  }
  return plane;
}

/** The three channels as planes, values 0 to 255. */
export function channelPlanes(image: RgbImage): [Plane, Plane, Plane] {
  const planes: [Plane, Plane, Plane] = [
    emptyPlane(image.width, image.height),
    emptyPlane(image.width, image.height),
    emptyPlane(image.width, image.height),
  ];
  for (let c = 0; c < 3; c++) {
    const { data } = planes[c] ?? planes[0];
    for (let i = 0, p = c; i < data.length; i++, p += 3) data[i] = image.data[p] ?? 0;
  }
  return planes;
}

/** Puts three planes of 0–255 back together; values outside are held to the range. */
export function mergePlanes(planes: readonly [Plane, Plane, Plane]): RgbImage {
  const { width, height } = planes[0];
  const data = new Uint8ClampedArray(width * height * 3);
  for (let c = 0; c < 3; c++) {
    const plane = (planes[c] ?? planes[0]).data;
    for (let i = 0, p = c; i < plane.length; i++, p += 3) data[p] = plane[i] ?? 0;
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** A grey picture from a plane of 0 (black) to 1 (white). */
export function greyImage(plane: Plane): RgbImage {
  const data = new Uint8Array(plane.width * plane.height * 3);
  for (let i = 0, p = 0; i < plane.data.length; i++, p += 3) {
    const value = Math.round(255 * Math.min(1, Math.max(0, plane.data[i] ?? 0)));
    data[p] = value;
    data[p + 1] = value;
    data[p + 2] = value;
  }
  return { width: plane.width, height: plane.height, data };
}
