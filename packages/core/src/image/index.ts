export { contactSheet } from './contact-sheet.js';
export { nearestLayouts } from './copy-layout.js';
export { COPY_LIKENESS, type CopyLikeness, copyLikeness } from './copy-likeness.js';
export { type CopySignature, copySignature } from './copy-signature.js';
export { squash } from './crop-resize.js';
export {
  decodeImage,
  encodeJpeg,
  encodePng,
  encodeWebp,
  rasteriseOwnSvg,
  readImage,
  resizeImage,
} from './image-codec.js';
export { hashDistance, perceptualHash } from './perceptual-hash.js';
export type { RgbImage } from './rgb-image.js';
export { textCell } from './text-cell.js';
