import { type Tuning, tuningSchema } from '../freestyle/tuning.js';

/** One run of the ablation grid. */
export interface AblationRun {
  /** Its row in the tables, and (made safe) its folder. */
  readonly name: string;
  /** How the query tower is tuned; null for the plain backbone, which is not trained. */
  readonly tuning: Tuning | null;
  /** Clusters of the style space, where it is not the default one. */
  readonly k?: number;
  /** Weight of staying near the untrained tower on photos and paintings. */
  readonly keep?: number;
}

/** The runs that the others are compared with. */
export const ZERO_SHOT = 'zero-shot';
export const STATIC_PROMPTS = 'VPT, 4 tokens';

/** What the product's design adds to the paper's: gated prompts, a stem that follows the style, and vectors without what
 *  is common to their style. */
const ours = { gated: true, stem: true, centred: true } as const;
const freestyle = (over: Partial<Tuning>): Tuning => tuningSchema.parse({ method: 'freestyle', ...over });
const styled = (over: Partial<Tuning>): Tuning => freestyle({ ...ours, ...over });
const vpt = (over: Partial<Tuning>): Tuning => tuningSchema.parse({ method: 'vpt', tokens: 4, ...over });

/** The paper's ablations and the usual baselines, in one harness: data, schedule and seed are the same for all. The
 *  rows that say most come first, so that a table that is not finished yet is worth reading. */
export const ABLATION_RUNS: readonly AblationRun[] = [
  { name: ZERO_SHOT, tuning: null },
  { name: STATIC_PROMPTS, tuning: vpt({}) },
  { name: 'FreestyleRet', tuning: styled({}) },
  { name: 'full', tuning: tuningSchema.parse({ method: 'full' }) },
  { name: 'linear', tuning: tuningSchema.parse({ method: 'linear' }) },
  { name: 'LoRA', tuning: tuningSchema.parse({ method: 'lora' }) },
  { name: 'VPT, 4 tokens, gate and stem', tuning: vpt({ gated: true, stem: true }) },
  { name: 'FreestyleRet, plain stem', tuning: styled({ stem: false }) },
  { name: 'FreestyleRet, not centred', tuning: styled({ centred: false }) },
  { name: 'FreestyleRet, no gate', tuning: styled({ gated: false }) },
  { name: 'FreestyleRet, as in the paper', tuning: freestyle({}) },
  { name: 'FreestyleRet, symmetric', tuning: freestyle({ symmetric: true }) },
  { name: 'FreestyleRet, style space off', tuning: styled({ styleSpace: false }) },
  { name: 'FreestyleRet, Gram off', tuning: styled({ gram: false }) },
  { name: 'FreestyleRet, shallow only', tuning: styled({ deepPrompts: false }) },
  { name: 'FreestyleRet, 1 token', tuning: styled({ tokens: 1 }) },
  { name: 'FreestyleRet, 2 tokens', tuning: styled({ tokens: 2 }) },
  { name: 'FreestyleRet, 8 tokens', tuning: styled({ tokens: 8 }) },
  { name: 'FreestyleRet, K = 2', tuning: styled({}), k: 2 },
  { name: 'FreestyleRet, K = 4', tuning: styled({}), k: 4 },
  { name: 'FreestyleRet, K = 8', tuning: styled({}), k: 8 },
  { name: 'FreestyleRet, kept near', tuning: styled({}), keep: 2 },
];

/** A folder name for a run: letters, digits and dashes. */
export const runFolder = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
