import { z } from 'zod';
import { rounds, type TrainingSettings } from './settings.js';

/** Seconds that the parts of a training take on this machine. */
export const paceSchema = z.object({
  /** Opening the backbone. */
  open: z.number(),
  /** Encoding one photo of the gallery. */
  photo: z.number(),
  /** Making one query picture. */
  picture: z.number(),
  /** One step, its pictures being there. */
  step: z.number(),
  /** One query of a validation. */
  query: z.number(),
});
export type Pace = z.output<typeof paceSchema>;

export interface EstimateInput {
  readonly pace: Pace;
  readonly photos: { readonly train: number; readonly validation: number };
  /** Validation pictures that the dataset brings. */
  readonly queries: number;
  readonly settings: TrainingSettings;
}

export interface Estimate {
  readonly seconds: number;
  readonly steps: number;
  readonly parts: readonly { readonly what: string; readonly seconds: number }[];
}

/** Styles that query pictures are made in. */
const MADE_STYLES = 3;
/** Queries of each style that the scores of the finished tower are measured on. */
const CALIBRATED = 200;

/** How long a training takes, part by part, from what its parts took when they were timed. */
export function estimateTraining({ pace, photos, queries, settings }: EstimateInput): Estimate {
  const { batch, perPhoto, validationPerStyle, unseenPerStyle } = settings;
  const { epochs, steps } = rounds(settings);
  const perStyle = Math.min(validationPerStyle, photos.validation);
  const judged = Math.min(queries, MADE_STYLES * validationPerStyle) + MADE_STYLES * perStyle;
  const unseen = MADE_STYLES * Math.min(unseenPerStyle, photos.validation);
  // Brought queries and plain photos take part of a batch; what is made is made once.
  const made = Math.min(steps * batch, photos.train * perPhoto * MADE_STYLES);
  const calibrated = Math.min(judged, MADE_STYLES * CALIBRATED);
  const parts = [
    { what: 'Opening the backbone', seconds: pace.open },
    { what: 'Encoding the photos', seconds: pace.photo * (photos.train + photos.validation) },
    { what: 'Making query pictures', seconds: pace.picture * (made + MADE_STYLES * perStyle + unseen) },
    { what: 'Steps', seconds: pace.step * steps },
    { what: 'Validations', seconds: pace.query * ((judged + unseen) * (epochs + 1) + calibrated) },
  ];
  return { seconds: parts.reduce((sum, one) => sum + one.seconds, 0), steps, parts };
}

/** The most steps that end within a time; at least one round of ten.
 *  @param seconds in all. */
export function stepsWithin(seconds: number, input: EstimateInput): number {
  const fits = (steps: number) =>
    estimateTraining({ ...input, settings: { ...input.settings, steps } }).seconds <= seconds;
  let steps = 10;
  for (let step = 1 << 16; step >= 1; step >>= 1)
    if (steps + step <= 100_000 && fits(steps + step)) steps += step;
  return steps;
}
