/** A decoded picture: 8-bit sRGB, interleaved `[height, width, 3]`, upright (EXIF applied), opaque. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
