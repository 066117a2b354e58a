import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import type { RgbImage } from '../image/rgb-image.js';
import { fitPicture } from '../models/small/fit-picture.js';
import { createRandom } from '../random.js';

/** A picture with the style that it is really in. */
export interface StyledPicture {
  readonly style: string;
  load(): Promise<RgbImage>;
}

/** Style of the gallery's own pictures. */
export const PHOTO_STYLE = 'photo';

/** Photos and query pictures of a set, at most `perStyle` of each style, drawn by seed. Texts are left out. */
export function sampleStyles(set: EvaluationSet, perStyle: number, seed: number): StyledPicture[] {
  const byStyle = new Map<string, StyledPicture[]>([
    [PHOTO_STYLE, set.photos.map(({ load }) => ({ style: PHOTO_STYLE, load }))],
  ]);
  for (const { style, content } of set.queries) {
    if (!('load' in content)) continue;
    const group = byStyle.get(style) ?? [];
    group.push({ style, load: () => content.load() });
    byStyle.set(style, group);
  }
  const random = createRandom(`style sample ${seed}`);
  return [...byStyle].flatMap(([style, pictures]) =>
    random
      .fork(style)
      .shuffle([...pictures])
      .slice(0, perStyle),
  );
}

/** Gram features of pictures, squeezed to squares of side `size`, batch by batch.
 *  @param extract from square pictures to one feature each. */
export async function extractFeatures(
  pictures: readonly StyledPicture[],
  size: number,
  extract: (batch: readonly RgbImage[]) => Promise<Float32Array[]>,
  options: {
    readonly batchSize?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<Float32Array[]> {
  const { batchSize = 16, signal, onProgress } = options;
  const features: Float32Array[] = [];
  for (let start = 0; start < pictures.length; start += batchSize) {
    signal?.throwIfAborted();
    const batch = pictures.slice(start, start + batchSize);
    const fitted = await Promise.all(batch.map(async ({ load }) => fitPicture(await load(), size)));
    features.push(...(await extract(fitted)));
    onProgress?.(features.length, pictures.length);
  }
  return features;
}
