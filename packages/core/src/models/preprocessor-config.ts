import { z } from 'zod';
import { CLIP_PREPROCESSING, type Preprocessing } from '../image/preprocess.js';
import { ModelError } from './model-error.js';
import { type ModelFiles, readModelJson } from './model-files.js';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const sizes = z.union([
  z.number().int().positive(),
  z.looseObject({ shortest_edge: z.number().int().positive() }),
  z.looseObject({ height: z.number().int().positive(), width: z.number().int().positive() }),
]);
const schema = z.looseObject({
  size: sizes.optional(),
  crop_size: sizes.optional(),
  do_resize: z.literal(true).default(true),
  do_center_crop: z.boolean().optional(),
  do_rescale: z.literal(true).default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  /** Pillow's numbers: 2 bilinear, 3 bicubic. */
  resample: z.union([z.literal(2), z.literal(3)]).default(3),
  image_mean: triple.default([...CLIP_PREPROCESSING.mean]),
  image_std: triple.default([...CLIP_PREPROCESSING.std]),
});

/** The preprocessing that a model's files ask for: `preprocessor_config.json`, or `processor_config.json` as recent
 *  releases write it, or `fallback` where there is neither.
 *  @throws {ModelError} `MODEL_CONFIG` for steps that cannot be reproduced. */
export async function readPreprocessing(files: ModelFiles, fallback: Preprocessing): Promise<Preprocessing> {
  const crops = fallback.crop === 'center';
  const own = await files.find('preprocessor_config.json');
  if (own !== undefined) {
    return parsePreprocessorConfig(await readModelJson(files.name, own), fallback.size, files.name, crops);
  }
  const joint = await files.find('processor_config.json');
  if (joint === undefined) return fallback;
  const parsed = z
    .looseObject({ image_processor: z.unknown() })
    .safeParse(await readModelJson(files.name, joint));
  const config = parsed.success ? parsed.data.image_processor : undefined;
  return config === undefined ? fallback : parsePreprocessorConfig(config, fallback.size, files.name, crops);
}

/** Reads a Hugging Face `preprocessor_config.json` for a model with square input.
 *  @param imageSize edge of the model's input; the file's own size must agree.
 *  @param cropsByDefault what the model's image processor does when the file does not say: CLIP's crops, BLIP's does not.
 *  @throws {ModelError} `MODEL_CONFIG` for steps that cannot be reproduced. */
export function parsePreprocessorConfig(
  json: unknown,
  imageSize: number,
  where: string,
  cropsByDefault: boolean,
): Preprocessing {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ModelError('MODEL_CONFIG', where, `preprocessor_config.json: ${z.prettifyError(parsed.error)}`);
  }
  const config = parsed.data;
  const squashes = typeof config.size === 'object' && 'height' in config.size;
  const crops = config.do_center_crop ?? (cropsByDefault && !squashes);
  const edge = crops ? edgeOf(config.crop_size ?? config.size) : edgeOf(config.size);
  if (edge !== undefined && edge !== imageSize) {
    throw new ModelError(
      'MODEL_CONFIG',
      where,
      `preprocessor_config.json makes pictures of ${Number.isNaN(edge) ? 'unequal sides' : `${edge} pixels`}, the model takes ${imageSize} × ${imageSize}`,
    );
  }
  return {
    size: imageSize,
    resize: squashes || !crops ? 'squash' : 'shortest-edge',
    kernel: config.resample === 3 ? 'bicubic' : 'bilinear',
    crop: crops ? 'center' : 'none',
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
    rescale: config.rescale_factor,
  };
}

function edgeOf(size: z.infer<typeof sizes> | undefined): number | undefined {
  if (size === undefined || typeof size === 'number') return size;
  if ('shortest_edge' in size) return Number(size.shortest_edge);
  return 'height' in size && size.height === size.width ? Number(size.height) : Number.NaN;
}
