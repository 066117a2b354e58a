import { z } from 'zod';

const tower = {
  width: z.int().positive(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  hidden: z.int().positive(),
  activation: z.enum(['gelu', 'quick_gelu', 'relu']),
};

/** `config.json` of the small dual encoder that comes with the product. */
export const smallConfigSchema = z.object({
  model_type: z.literal('freestyle-small'),
  embedding: z.int().positive(),
  image: z.object({ size: z.int().positive(), stem: z.array(z.int().positive()).min(1), ...tower }),
  text: z.object({ vocabulary: z.int().positive(), context: z.int().positive(), ...tower }),
});

export type SmallConfig = z.infer<typeof smallConfigSchema>;

/** Sizes chosen for two CPU cores: 64 tokens keep a picture under 10 ms, 256 wide fits 25 MB with both towers. */
export const defaultSmallConfig: SmallConfig = {
  model_type: 'freestyle-small',
  embedding: 256,
  image: {
    size: 128,
    stem: [32, 64, 128, 256],
    width: 256,
    layers: 6,
    heads: 4,
    hidden: 1024,
    activation: 'quick_gelu',
  },
  text: {
    vocabulary: 4096,
    context: 32,
    width: 256,
    layers: 2,
    heads: 4,
    hidden: 1024,
    activation: 'quick_gelu',
  },
};
