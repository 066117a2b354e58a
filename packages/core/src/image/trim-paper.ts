import type { RgbImage } from './rgb-image.js';

/** Lightest value of a stroke, and darkest of paper; between them lie the soft edges of strokes. */
const INK = 170;
const PAPER = 235;
/** Grey pens differ a little between channels after JPEG; colours differ by more. */
const GREY = 40;
/** Share of ink above which it is no line drawing but a picture on a white ground. */
const MOST_INK = 0.4;
/** Paper left around the drawing, as a share of its longer side. */
const MARGIN = 0.08;
/** A drawing that fills this share of the longer side of its paper is left as it is. */
const FILLS = 0.75;

/** Cuts the empty paper around a line drawing, so that a small sketch in a corner is seen as large as one that fills
 *  the page. A square around the ink with a small margin, white where it leaves the picture. Anything that is not a
 *  sparse grey drawing on white paper, and a drawing that fills its paper, is given back as it is. */
export function trimPaper(image: RgbImage): RgbImage {
  const box = inkBox(image);
  if (box === null) return image;
  const side = Math.ceil(Math.max(box.right - box.left, box.bottom - box.top) * (1 + 2 * MARGIN));
  if (side >= FILLS * Math.max(image.width, image.height)) return image;
  const left = Math.round((box.left + box.right - side) / 2);
  const top = Math.round((box.top + box.bottom - side) / 2);
  const data = new Uint8Array(side * side * 3).fill(255);
  for (let y = 0; y < side; y++) {
    const from = top + y;
    if (from < 0 || from >= image.height) continue;
    const start = Math.max(0, left);
    const end = Math.min(image.width, left + side);
    const row = image.data.subarray((from * image.width + start) * 3, (from * image.width + end) * 3);
    data.set(row, (y * side + start - left) * 3);
  }
  return { width: side, height: side, data };
}

interface InkBox {
  readonly left: number;
  readonly top: number;
  /** Exclusive, as `bottom`. */
  readonly right: number;
  readonly bottom: number;
}

/** Where the ink is; null where this is no sparse grey drawing inside a frame of white paper. */
function inkBox({ width, height, data }: RgbImage): InkBox | null {
  let [left, top, right, bottom, ink] = [width, height, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const [r = 0, g = 0, b = 0] = [data[at], data[at + 1], data[at + 2]];
      const least = Math.min(r, g, b);
      if (Math.max(r, g, b) - least > GREY) return null;
      const onEdge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (onEdge && least < PAPER) return null;
      if (least > INK) continue;
      ink += 1;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (ink === 0 || ink > MOST_INK * (right - left) * (bottom - top)) return null;
  return { left, top, right, bottom };
}
