import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type CropBox, cropResize } from '../../../image/crop-resize.js';
import { readImage } from '../../../image/image-codec.js';
import type { RgbImage } from '../../../image/rgb-image.js';
import { createRandom } from '../../../random.js';
import { float32, type Session } from '../../../runtime/session.js';

/** One view: a random crop of one picture, the student's pixels and what the teacher saw in the same crop. */
export interface ViewPlan {
  /** Index into the list of pictures. */
  readonly picture: number;
  readonly pass: number;
}

export interface ViewOptions {
  /** Paths of the pictures, in a fixed order. */
  readonly paths: readonly string[];
  /** How many views each picture gives. The first is the whole picture; the others are random crops. */
  readonly passes: readonly number[];
  /** Where `pixels.u8` and `features.f32` are kept. */
  readonly folder: string;
  readonly seed: number;
  /** Side of the student's pictures. */
  readonly size: number;
  /** ONNX session: `pixels` `[n, 3, 224, 224]` = (RGB − 128) / 128 → `features` `[n, featureWidth]`. */
  readonly teacher: Session;
  readonly onProgress?: (done: number, total: number) => void;
}

const TEACHER_SIZE = 224;
export const TEACHER_WIDTH = 1280;
/** Pictures in one call of the teacher: larger batches gain nothing on a CPU. */
const BATCH = 16;

/** Pass by pass, so that a training run may start on the first views while the rest are made. */
export function planViews(passes: readonly number[]): ViewPlan[] {
  const plan: ViewPlan[] = [];
  const most = Math.max(0, ...passes);
  for (let pass = 0; pass < most; pass++) {
    passes.forEach((count, picture) => {
      if (pass < count) plan.push({ picture, pass });
    });
  }
  return plan;
}

/** The crop of one view: area 35–100 %, aspect 3:4–4:3 (Inception's recipe with a milder floor:
 *  a caption must stay true of what is left), mirrored half the time. Pass 0 is the whole picture. */
export function viewCrop(image: RgbImage, view: ViewPlan, seed: number): { box: CropBox; flip: boolean } {
  if (view.pass === 0) return { box: { x: 0, y: 0, width: image.width, height: image.height }, flip: false };
  const random = createRandom(`${seed}:${view.picture}:${view.pass}`);
  const area = (0.35 + 0.65 * random.uniform()) * image.width * image.height;
  const ratio = (3 / 4) ** (1 - 2 * random.uniform());
  const width = Math.min(image.width, Math.sqrt(area * ratio));
  const height = Math.min(image.height, area / width);
  const x = random.uniform() * (image.width - width);
  const y = random.uniform() * (image.height - height);
  return { box: { x, y, width, height }, flip: random.uniform() < 0.5 };
}

function teacherPixels(images: readonly RgbImage[]): Float32Array {
  const plane = TEACHER_SIZE * TEACHER_SIZE;
  const pixels = new Float32Array(images.length * 3 * plane);
  images.forEach((image, index) => {
    for (let channel = 0; channel < 3; channel++) {
      const offset = (index * 3 + channel) * plane;
      for (let p = 0; p < plane; p++) pixels[offset + p] = ((image.data[p * 3 + channel] ?? 0) - 128) / 128;
    }
  });
  return pixels;
}

/** How many views are wholly on disk: a killed run goes on after the last one. */
async function completed(pixels: FileHandle, features: FileHandle, record: number): Promise<number> {
  const [a, b] = await Promise.all([pixels.stat(), features.stat()]);
  return Math.min(Math.floor(a.size / record), Math.floor(b.size / (TEACHER_WIDTH * 4)));
}

/** Makes the views that are still missing; both files grow together, in plan order. Resumable at any point. */
export async function buildViews(options: ViewOptions): Promise<number> {
  await mkdir(options.folder, { recursive: true });
  const plan = planViews(options.passes);
  const record = options.size * options.size * 3;
  const pixels = await open(join(options.folder, 'pixels.u8'), 'a+');
  const features = await open(join(options.folder, 'features.f32'), 'a+');
  try {
    let done = await completed(pixels, features, record);
    await pixels.truncate(done * record);
    await features.truncate(done * TEACHER_WIDTH * 4);
    let next = loadBatch(options, plan.slice(done, done + BATCH));
    while (done < plan.length) {
      const batch = await next;
      const after = done + batch.length;
      next = loadBatch(options, plan.slice(after, after + BATCH));
      const fed = float32(teacherPixels(batch.map((view) => view.teacher)), [
        batch.length,
        3,
        TEACHER_SIZE,
        TEACHER_SIZE,
      ]);
      const seen = (await options.teacher.run({ pixels: fed })).features;
      if (!(seen?.data instanceof Float32Array)) throw new Error('the teacher has no output "features"');
      await features.appendFile(new Uint8Array(seen.data.buffer, seen.data.byteOffset, seen.data.byteLength));
      await pixels.appendFile(Buffer.concat(batch.map((view) => view.student.data)));
      done = after;
      options.onProgress?.(done, plan.length);
    }
    return done;
  } finally {
    await pixels.close();
    await features.close();
  }
}

const loadBatch = (options: ViewOptions, views: readonly ViewPlan[]) =>
  Promise.all(
    views.map(async (view) => {
      const path = options.paths[view.picture];
      if (path === undefined)
        throw new RangeError(`view of picture ${view.picture}: there is no such picture`);
      const image = await readImage(path);
      const { box, flip } = viewCrop(image, view, options.seed);
      return {
        teacher: cropResize(image, box, TEACHER_SIZE, TEACHER_SIZE, flip),
        student: cropResize(image, box, options.size, options.size, flip),
      };
    }),
  );
