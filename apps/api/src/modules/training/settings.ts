import { z } from 'zod';

export const METHODS = ['freestyle', 'vpt', 'lora', 'full', 'linear'] as const;
export type TrainingMethod = (typeof METHODS)[number];

/** All that decides the weights of a training, beside its data and its backbone. */
export const trainingSettings = z.object({
  method: z.enum(METHODS),
  steps: z.int().min(1).max(100_000),
  /** Steps from one validation to the next. */
  validateEvery: z.int().min(1).max(10_000),
  /** Query pictures in a step. */
  batch: z.int().min(2).max(512),
  /** Peak learning rate; that of the method unless given. */
  rate: z.number().positive().max(1).nullable(),
  /** Validations without a better score before it stops. */
  patience: z.int().min(1).max(1000),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  /** Made query pictures of each style and photo. */
  perPhoto: z.int().min(0).max(20),
  trainSplit: z.string().min(1),
  valSplit: z.string().min(1),
  /** Validation queries of each style at most. */
  validationPerStyle: z.int().min(1).max(10_000),
  /** Validation photos that held-out makers draw, for each style; 0 for none. */
  unseenPerStyle: z.int().min(0).max(1000),
});

export type TrainingSettings = z.output<typeof trainingSettings>;

/** What a first training is good with. */
export const DEFAULT_SETTINGS: TrainingSettings = {
  method: 'freestyle',
  steps: 60,
  validateEvery: 20,
  batch: 32,
  rate: null,
  patience: 5,
  seed: 3,
  perPhoto: 1,
  trainSplit: 'train',
  valSplit: 'val',
  validationPerStyle: 60,
  unseenPerStyle: 24,
};

/** How the steps of a training are counted by the recipe: rounds that end in a validation. */
export function rounds({ steps, validateEvery }: Pick<TrainingSettings, 'steps' | 'validateEvery'>) {
  const stepsPerEpoch = Math.min(steps, validateEvery);
  const epochs = Math.max(1, Math.round(steps / stepsPerEpoch));
  return { epochs, stepsPerEpoch, steps: epochs * stepsPerEpoch };
}
