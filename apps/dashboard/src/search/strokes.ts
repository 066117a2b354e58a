import { getStroke } from 'perfect-freehand';

/** `[x, y, pressure]` in the pad's own units (0 to PAD_SIZE), pressure between 0 and 1. */
export type Point = [number, number, number];

export type Stroke = {
  points: Point[];
  /** Diameter at full pressure, in the pad's units. */
  size: number;
  erases: boolean;
  /** A mouse has no pressure: it is then made from the speed of the hand. */
  simulatePressure: boolean;
};

/** Side of the square paper in its own units, and of the picture that is sent. */
export const PAD_SIZE = 512;
export const PEN_SIZES = { fine: 5, medium: 10, broad: 22 } as const;
export type PenName = keyof typeof PEN_SIZES;
const ERASER_SIZE = 44;

export const strokeSize = (pen: PenName, erases: boolean) => (erases ? ERASER_SIZE : PEN_SIZES[pen]);

/** The outline of a stroke as a path to fill. */
export function strokePath({ points, size, simulatePressure, erases }: Stroke): Path2D {
  const outline = getStroke(points, {
    size,
    thinning: erases ? 0 : 0.55,
    smoothing: 0.5,
    streamline: 0.4,
    simulatePressure,
    last: true,
  });
  const path = new Path2D();
  const [first, ...rest] = outline;
  if (!first) return path;
  path.moveTo(first[0] ?? 0, first[1] ?? 0);
  rest.forEach(([x = 0, y = 0], index) => {
    // Curves through the middles of the outline's points: no corners at any size.
    const [nextX = x, nextY = y] = rest[index + 1] ?? first;
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  });
  path.closePath();
  return path;
}

/** Paints white paper, an earlier picture if there is one, and the strokes in their order. */
export function paint(
  context: CanvasRenderingContext2D,
  strokes: readonly Stroke[],
  base: CanvasImageSource | null,
): void {
  const scale = context.canvas.width / PAD_SIZE;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, PAD_SIZE, PAD_SIZE);
  if (base) context.drawImage(base, 0, 0, PAD_SIZE, PAD_SIZE);
  for (const stroke of strokes) {
    context.fillStyle = stroke.erases ? '#fff' : '#111';
    context.fill(strokePath(stroke));
  }
}

/** The drawing as the picture that the model sees: PNG, PAD_SIZE squared, black on white. */
export function toPng(strokes: readonly Stroke[], base: CanvasImageSource | null): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = PAD_SIZE;
  canvas.height = PAD_SIZE;
  const context = canvas.getContext('2d');
  if (!context) return Promise.reject(new Error('This browser gives no canvas to draw on.'));
  paint(context, strokes, base);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The drawing gave no picture.'))),
      'image/png',
    ),
  );
}
