import { z } from 'zod';

/** How an evaluation is asked for. */
export const evaluationOptions = z.object({
  /** Only photos and queries of this split. */
  split: z.string().nullable().default(null),
  /** Only these styles; null for all that there are. */
  styles: z.array(z.string()).nullable().default(null),
  /** Pairs of styles to fuse: `text+sketch`. */
  mixed: z.array(z.string().regex(/^[^+]+\+[^+]+$/, 'expected pairs such as text+sketch')).default([]),
  /** Batch of the paper's protocol; null leaves it out. */
  paperBatch: z.int().min(2).max(10_000).nullable().default(24),
  /** Queries of each style at most; null for all. */
  perStyle: z.int().min(1).nullable().default(null),
});

export type EvaluationOptions = z.output<typeof evaluationOptions>;

export const evaluatePayload = z.object({ evaluationId: z.uuid() });
