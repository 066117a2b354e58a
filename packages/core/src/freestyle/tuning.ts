import { z } from 'zod';

/** Prompt tokens of one layer at most: a ViT-B/32 has 49 patches, so more are a slip. */
export const MAX_TOKENS = 64;

/** How a frozen backbone is turned into a query encoder. */
export const tuningSchema = z.object({
  /** `linear`: a map on the embedding. `vpt`: static prompts in every layer (Jia et al. 2022). `freestyle`: prompts
   *  made from the query's style. `lora`: low-rank additions (Hu et al. 2022). `full`: a copy that learns whole. */
  method: z.enum(['linear', 'vpt', 'freestyle', 'lora', 'full']),
  /** Prompt tokens in each layer. */
  tokens: z.int().min(1).max(MAX_TOKENS).default(4),
  /** Layers counted as shallow: their prompts come from the style space, those of the rest from the Gram feature. */
  shallowLayers: z.int().min(0).default(3),
  /** Prompts of the shallow layers follow the style space; static where off. */
  styleSpace: z.boolean().default(true),
  /** Prompts of the deep layers follow the Gram feature; static where off. */
  gram: z.boolean().default(true),
  /** Prompts come in through a gate that starts closed, so that the untrained tower is the plain backbone: what a
   *  style needs is learned, and what the backbone can is not lost first. */
  gated: z.boolean().optional(),
  /** Layers past the shallow ones get prompts too. */
  deepPrompts: z.boolean().default(true),
  /** Channels of the convolutional stem are scaled and shifted too: by the style space where that is on, by learned
   *  numbers alone where it is off. Line drawings and mosaics leave the stem's range before any prompt is read. */
  stem: z.boolean().optional(),
  /** What is common to the queries of a style is taken off each of them: the tower ends with `e − Σ_k w_k c_k`. A plain
   *  backbone sends all line drawings to nearly one place, where a few photos come first for each of them. */
  centred: z.boolean().optional(),
  /** The paper's own mode, for comparison: the gallery goes through the tuned tower too, with prompts of its own style.
   *  Every photo has to be encoded anew for such a tower, so it cannot serve where the gallery stays. */
  symmetric: z.boolean().optional(),
  /** The scale and bias of each layer normalisation learn too. */
  layerNorms: z.boolean().default(false),
  /** The tower's own weights learn too, beside the prompts, at a tenth of their rate: the most that a query encoder can
   *  be tuned while the gallery stays. `full` is this without prompts. */
  whole: z.boolean().optional(),
  /** Where the tower's own weights learn: a convolutional trunk before its transformer stays as it is. */
  keepTrunk: z.boolean().optional(),
  /** Where the trunk stays: its last stage learns all the same. */
  lateTrunk: z.boolean().optional(),
  /** How much the looks count follows the style, for a backbone whose vectors have parts for them: colours much in a
   *  blurred copy and not at all in a line drawing. What the queries of a style have in common is taken off them first. */
  appearance: z.boolean().optional(),
  /** Static prompts in every layer of the text tower too, as many tokens as in the image tower's: text queries are
   *  tuned in the same run. The text tower's own weights stay frozen. */
  textPrompts: z.boolean().optional(),
  /** Rank of the low-rank additions. */
  rank: z.int().min(1).default(8),
});

export type Tuning = z.infer<typeof tuningSchema>;

/** Whether the tower is a copy that learns whole. */
export const learnsWhole = (tuning: Pick<Tuning, 'method' | 'whole'>): boolean =>
  tuning.method === 'full' || tuning.whole === true;

export const defaultTuning = (method: Tuning['method']): Tuning => tuningSchema.parse({ method });
