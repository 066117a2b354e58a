import type { Parameter, ParameterMap } from '../nn/parameters.js';
import type { FitState } from './fit-checkpoint.js';
import { meanScore, type Recipe, type RecipeValidation, type ValidationFigure } from './recipe.js';

/** Outcome of one validation. */
export interface ValidationReport {
  readonly figures: readonly ValidationFigure[];
  readonly score: number;
  readonly best: { readonly step: number; readonly score: number } | null;
  readonly seconds: number;
}

/** Measures the weights as they are, keeps them where they are the best so far, and decides whether to stop. */
export async function validateState(
  { weights }: Pick<Recipe, 'weights'>,
  { run, score: scoreOf = meanScore, patience, start = 'competes' }: RecipeValidation,
  state: FitState,
  learned: ReadonlyMap<string, Parameter>,
): Promise<ValidationReport> {
  const started = performance.now();
  const current = new Map([...learned].map(([name, { data }]) => [name, state.average?.get(name) ?? data]));
  const figures = await run(withArrays(weights, current));
  const score = scoreOf(figures);
  const competes = state.step > 0 || start === 'competes';
  if (competes && (state.best === null || score > state.best.score)) {
    const copies = new Map([...current].map(([name, data]) => [name, data.slice()]));
    state.best = { step: state.step, score, weights: copies };
    state.sinceBest = 0;
  } else if (state.step > 0) state.sinceBest += 1;
  if (state.sinceBest >= patience) state.stopped = 'patience';
  const { best } = state;
  state.history.push({ kind: 'validation', step: state.step, figures, score, best: best?.step ?? 0 });
  const seconds = (performance.now() - started) / 1000;
  return { figures, score, best: best && { step: best.step, score: best.score }, seconds };
}

/** The weights with other numbers for some of them. */
const withArrays = (
  weights: ParameterMap,
  arrays: ReadonlyMap<string, Float32Array>,
): Map<string, Parameter> =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: arrays.get(name) ?? data }]));
