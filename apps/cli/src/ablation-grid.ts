import { type Tuning, tuningSchema } from '@freestyle/core/freestyle';
import { PROMPT_KEEP } from '@freestyle/core/training';

/** What the command line says of a grid. */
export interface AblateFlags {
  readonly out: string;
  readonly backbone: string;
  readonly style?: string;
  readonly styleK: ReadonlyMap<number, string>;
  readonly cache: string;
  readonly only?: string[];
  readonly trainSplit: string;
  readonly valSplit: string;
  readonly seed: number;
  readonly seeds: number;
  readonly epochs: number;
  readonly steps: number;
  readonly batch: number;
  readonly patience: number;
  readonly perPhoto: number;
  readonly valQueries?: number;
  readonly threads?: number;
}

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

const freestyle = (over: Partial<Tuning>): Tuning => tuningSchema.parse({ method: 'freestyle', ...over });
const vpt = (over: Partial<Tuning>): Tuning => tuningSchema.parse({ method: 'vpt', tokens: 4, ...over });

/** The product's design, whole or with something left out: gated prompts, a stem that follows the style, vectors without
 *  what is common to their style, and photos and paintings kept near where they started. */
const ours = (name: string, over: Partial<Tuning> = {}, more: Partial<AblationRun> = {}): AblationRun => ({
  name,
  tuning: freestyle({ gated: true, stem: true, centred: true, ...over }),
  keep: PROMPT_KEEP,
  ...more,
});

/** The paper's ablations and the usual baselines, in one harness: data, schedule and seed are the same for all. The
 *  rows that say most come first, so that a table that is not finished yet is worth reading. */
export const ABLATION_RUNS: readonly AblationRun[] = [
  { name: ZERO_SHOT, tuning: null },
  { name: STATIC_PROMPTS, tuning: vpt({}) },
  ours('FreestyleRet'),
  { name: 'full', tuning: tuningSchema.parse({ method: 'full' }) },
  { name: 'linear', tuning: tuningSchema.parse({ method: 'linear' }) },
  { name: 'LoRA', tuning: tuningSchema.parse({ method: 'lora' }) },
  // Everything of the design but the style.
  { name: 'VPT, 4 tokens, gate and stem', tuning: vpt({ gated: true, stem: true }), keep: PROMPT_KEEP },
  ours('FreestyleRet, style space off', { styleSpace: false }),
  ours('FreestyleRet, Gram off', { gram: false }),
  ours('FreestyleRet, shallow only', { deepPrompts: false }),
  ours('FreestyleRet, plain stem', { stem: false }),
  ours('FreestyleRet, not centred', { centred: false }),
  ours('FreestyleRet, not kept near', {}, { keep: 0 }),
  // Without the gate there is nothing worth staying near: fresh prompts are noise.
  ours('FreestyleRet, no gate', { gated: false }, { keep: 0 }),
  { name: 'FreestyleRet, as in the paper', tuning: freestyle({}) },
  { name: 'FreestyleRet, symmetric', tuning: freestyle({ symmetric: true }) },
  ours('FreestyleRet, 1 token', { tokens: 1 }),
  ours('FreestyleRet, 2 tokens', { tokens: 2 }),
  ours('FreestyleRet, 8 tokens', { tokens: 8 }),
  ours('FreestyleRet, K = 2', {}, { k: 2 }),
  ours('FreestyleRet, K = 4', {}, { k: 4 }),
  ours('FreestyleRet, K = 8', {}, { k: 8 }),
];

/** A folder name for a run: letters, digits and dashes. */
export const runFolder = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
