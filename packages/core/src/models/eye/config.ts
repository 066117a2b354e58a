import { z } from 'zod';
import { trunkConfigSchema } from './trunk.js';

const transformer = {
  width: z.int().positive(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  hidden: z.int().positive(),
  activation: z.enum(['gelu', 'quick_gelu', 'relu']),
};

/** `config.json` of the dual encoder on pretrained parts that comes with the product. */
export const eyeConfigSchema = z.object({
  model_type: z.literal('freestyle-eye'),
  /** Length of what is meant in every vector; the look comes after it. */
  embedding: z.int().positive(),
  /** Vectors have a number after what is meant that is 0 for photos, and that a text fills as far as its words mean
   *  nothing: made-up words then lie far from every photo. */
  strange: z.boolean().optional(),
  image: z.object({
    /** Edge of the pictures, a multiple of 32. */
    size: z.int().multipleOf(32),
    trunk: trunkConfigSchema,
    /** Edge of the shrunk copy of the picture that is its colour layout; even. */
    layout: z.int().multipleOf(2),
    /** A part of the vector that tells the look alone: the layout through a fixed map, at a fixed length beside what is
     *  meant. Absent in models without one. */
    appearance: z.object({ width: z.int().positive(), gain: z.number().positive() }).optional(),
    /** A part that tells where outlines run, see `outlines`, likewise through a fixed map. */
    outlines: z
      .object({
        cells: z.int().positive(),
        directions: z.int().min(2),
        width: z.int().positive(),
        gain: z.number().positive(),
      })
      .optional(),
    /** Hidden width of the head on pooled features. */
    head: z.int().positive(),
    ...transformer,
  }),
  text: z.object({
    vocabulary: z.int().positive(),
    positions: z.int().positive(),
    /** Tokens that are read of a text. */
    context: z.int().min(4),
    /** Layers whose mean over the tokens the head reads; 0 is the embedding of the words. */
    read: z.array(z.int().min(0)).min(1),
    /** Hidden width of the head. */
    head: z.int().positive(),
    ...transformer,
  }),
});

export type EyeConfig = z.infer<typeof eyeConfigSchema>;

/** Length of every vector. */
export const vectorLength = (config: EyeConfig): number =>
  config.embedding +
  Number(config.strange ?? false) +
  looksOf(config).reduce((sum, { width }) => sum + width, 0);

/** The parts of a vector that tell the look alone, in their order after what is meant, each with its length beside it. */
export const looksOf = ({ image }: Pick<EyeConfig, 'image'>): readonly { width: number; gain: number }[] =>
  [image.appearance, image.outlines].flatMap((part) =>
    part ? [{ width: part.width, gain: part.gain }] : [],
  );

/** Patches on a side: those of the map of stride 32. */
export const patchesOnSide = ({ image }: EyeConfig): number => image.size / 32;

/** Tokens of the image transformer: patches, the four quarters of the colour layout. */
export const tokensOf = (config: EyeConfig): number => patchesOnSide(config) ** 2 + LAYOUT_TOKENS;

/** The layout comes as four quarters, each a token. */
export const LAYOUT_TOKENS = 4;

/** Sizes for two CPU cores: 160 pixels keep a photo under 10 ms, and 29 tokens make the transformer cheap beside the
 *  trunk. */
export const eyeSizes = {
  embedding: 256,
  image: {
    size: 160,
    layout: 8,
    // Mosaics and paintings keep where colours stand; 64 directions hold nearly all of 192 numbers.
    appearance: { width: 64, gain: 0.6 },
    // Where outlines run is what drawings of a photo keep; 128 directions of 384 numbers lose little.
    outlines: { cells: 8, directions: 6, width: 128, gain: 0.6 },
    head: 768,
    width: 192,
    layers: 4,
    heads: 4,
    hidden: 384,
    activation: 'quick_gelu',
  },
} as const;
