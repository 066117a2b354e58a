import type { Parameter } from '../../nn/parameters.js';
import { float32, type HostTensor, type SessionOptions } from '../../runtime/session.js';
import {
  DivergedError,
  type StepResult,
  type TrainingStep,
  type TrainingStepOptions,
} from '../step-contract.js';
import { startAverage } from '../weight-average.js';
import { packed, unpack } from './blocks.js';
import { buildCardGraph, type CardGraph, SCHEDULE } from './card-graph.js';
import { onCard } from './card-lost.js';
import { type CardRunner, residentRunner, steppedRunner } from './card-runner.js';

/** Steps between two readings where nobody said: often enough to watch, seldom enough that a card does not wait. */
const READ_EVERY = 16;

/** How the steps reach the card; for tests, which run the form of CUDA on a processor. */
export type CardForm = 'resident' | 'stepped';

/** A training step on a card: weights, moments, gradients and averages stay there, {@link TrainingStep.read} brings them back. */
export async function createCardStep<State>(
  options: TrainingStepOptions<State>,
  form: CardForm = options.session?.provider === 'webgpu' ? 'resident' : 'stepped',
): Promise<TrainingStep<State>> {
  const provider = options.session?.provider ?? 'cpu';
  const readEvery = options.readEvery ?? READ_EVERY;
  const build = (accumulates: boolean) => buildCardGraph(options, provider, accumulates);
  let plan = build(false);
  const host = hostArrays(options, plan);
  const { card } = options.optimiser;
  let runner: CardRunner | null = null;
  let accumulates = false;
  let unread = 0;
  let last: StepResult = { loss: Number.NaN, gradientNorm: Number.NaN, metrics: {} };

  const guarded = <T>(work: () => Promise<T>): Promise<T> => onCard(options.name, provider, work);
  const open = async (several: boolean): Promise<CardRunner> => {
    if (runner && (accumulates || !several)) return runner;
    if (runner) await close();
    accumulates = several;
    plan = build(several);
    return startRunner(plan, host.feeds(plan), form, options.session ?? {}, readEvery);
  };
  const readTotals = async () => {
    if (!runner || unread === 0) return;
    const open = runner;
    last = resultOf(options.name, plan, await guarded(() => open.totals()), unread);
    unread = 0;
  };
  const read = async () => {
    if (!runner) return;
    await readTotals();
    const open = runner;
    host.take(plan, await guarded(() => open.read()));
  };
  const close = async () => {
    await read();
    await runner?.close();
    runner = null;
  };

  return {
    trained: host.trained,
    state: host.state,
    average: host.average,
    read,
    async step(batches, learningRate) {
      if (batches.length === 0) throw new RangeError(`training "${options.name}": a step needs a batch`);
      const first = runner === null;
      const taken = await guarded(() => open(batches.length > 1));
      runner = taken;
      const numbers = card.advance(host.state, learningRate);
      for (const [index, batch] of batches.entries()) {
        const [begins, ends] = [index === 0, index === batches.length - 1];
        const rest = accumulates ? [1 / batches.length, begins ? 0 : 1, ends ? 1 : 0] : [];
        const schedule = float32(Float32Array.of(...numbers, ...rest), [plan.schedule]);
        await guarded(() => taken.step({ ...batch, [SCHEDULE]: schedule }));
      }
      unread += 1;
      if (first || unread >= readEvery) await readTotals();
      return last;
    },
    async close() {
      const open = runner;
      runner = null;
      await open?.close();
    },
  };
}

const startRunner = (
  plan: CardGraph,
  start: Record<string, HostTensor>,
  form: CardForm,
  session: SessionOptions,
  every: number,
): Promise<CardRunner> =>
  form === 'resident' ? residentRunner(plan, start, session) : steppedRunner(plan, start, session, every);

/** The arrays in main memory that the card starts from and that {@link TrainingStep.read} fills. */
function hostArrays<State>(options: TrainingStepOptions<State>, plan: CardGraph) {
  const { card } = options.optimiser;
  const trained = new Map(
    plan.blocks.flatMap(({ members }) =>
      members.map(({ name }) => [name, options.weights.get(name) as Parameter] as const),
    ),
  );
  const state = options.optimiser.init(trained, options.state);
  const average = startAverage(options, trained);
  /** Whose arrays a carried input holds; null for what only lives on the card. */
  const sourceOf = (kind: string): ((name: string) => Float32Array) | null => {
    if (kind === 'weights') return (name) => (trained.get(name) as Parameter).data;
    if (kind === 'average') return (name) => average?.get(name) as Float32Array;
    if (!card.slots.includes(kind)) return null;
    const arrays = card.slot(state, kind);
    return (name) => arrays.get(name) as Float32Array;
  };
  const parts = (plan: CardGraph) =>
    plan.carried.map(({ input }) => {
      const [kind = '', at] = input.split('@');
      return { input, block: plan.blocks[Number(at)], source: sourceOf(kind) };
    });
  return {
    trained,
    state,
    average,
    feeds(plan: CardGraph): Record<string, HostTensor> {
      return Object.fromEntries(
        parts(plan).map(({ input, block, source }) => {
          const size = block?.size ?? plan.totals.length;
          const data = block && source ? packed(block, source) : new Float32Array(size);
          return [input, float32(data, [size])];
        }),
      );
    },
    take(plan: CardGraph, carried: ReadonlyMap<string, Float32Array>): void {
      for (const { input, block, source } of parts(plan)) {
        const flat = carried.get(input);
        if (flat && block && source) unpack(block, flat, source);
      }
    },
  };
}

/** Means of the steps since the last reading. @throws {DivergedError} if one of them was no number. */
function resultOf(name: string, { totals }: CardGraph, sums: Float32Array, steps: number): StepResult {
  const means = new Map(totals.map((key, at) => [key, (sums[at] ?? Number.NaN) / steps]));
  const [loss = Number.NaN, gradientNorm = Number.NaN] = [means.get('loss'), means.get('gradientNorm')];
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
    throw new DivergedError(name, loss, gradientNorm);
  const metrics = Object.fromEntries([...means].filter(([key]) => key !== 'loss' && key !== 'gradientNorm'));
  return { loss, gradientNorm, metrics };
}
