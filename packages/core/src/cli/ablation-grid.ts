import { type Tuning, tuningSchema } from '../freestyle/tuning.js';

/** One run of the ablation grid. */
export interface AblationRun {
  /** Its row in the tables, and (made safe) its folder. */
  readonly name: string;
  /** How the query tower is tuned; null for the plain backbone, which is not trained. */
  readonly tuning: Tuning | null;
  /** Clusters of the style space, where it is not the default one. */
  readonly k?: number;
}

/** The runs that the others are compared with. */
export const ZERO_SHOT = 'zero-shot';
export const STATIC_PROMPTS = 'VPT, 4 tokens';

const freestyle = (over: Partial<Tuning>): Tuning => tuningSchema.parse({ method: 'freestyle', ...over });

/** The paper's ablations and the usual baselines, in one harness: data, schedule and seed are the same for all. */
export const ABLATION_RUNS: readonly AblationRun[] = [
  { name: ZERO_SHOT, tuning: null },
  { name: 'linear', tuning: tuningSchema.parse({ method: 'linear' }) },
  { name: STATIC_PROMPTS, tuning: tuningSchema.parse({ method: 'vpt', tokens: 4 }) },
  { name: 'LoRA', tuning: tuningSchema.parse({ method: 'lora' }) },
  { name: 'full', tuning: tuningSchema.parse({ method: 'full' }) },
  { name: 'FreestyleRet', tuning: freestyle({}) },
  { name: 'FreestyleRet, style space off', tuning: freestyle({ styleSpace: false }) },
  { name: 'FreestyleRet, Gram off', tuning: freestyle({ gram: false }) },
  { name: 'FreestyleRet, shallow only', tuning: freestyle({ deepPrompts: false }) },
  {
    name: 'VPT, 4 tokens, static stem',
    tuning: tuningSchema.parse({ method: 'vpt', tokens: 4, stem: true }),
  },
  { name: 'FreestyleRet, styled stem', tuning: freestyle({ stem: true }) },
  { name: 'FreestyleRet, 1 token', tuning: freestyle({ tokens: 1 }) },
  { name: 'FreestyleRet, 2 tokens', tuning: freestyle({ tokens: 2 }) },
  { name: 'FreestyleRet, 8 tokens', tuning: freestyle({ tokens: 8 }) },
  { name: 'FreestyleRet, K = 2', tuning: freestyle({}), k: 2 },
  { name: 'FreestyleRet, K = 8', tuning: freestyle({}), k: 8 },
];

/** A folder name for a run: letters, digits and dashes. */
export const runFolder = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
