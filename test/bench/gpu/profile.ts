import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '../../../packages/core/src/runtime/session.js';
import { freshWeights, makeBatch, openStep, training } from './contender.js';
import type { BenchModel } from './models.js';

export interface OperatorTime {
  readonly operator: string;
  readonly provider: string;
  /** In one step. */
  readonly calls: number;
  /** As the runtime's profile tells it: for a card the time to hand the kernel over, and its own where the provider waits. */
  readonly msPerStep: number;
}

interface TraceEvent {
  readonly cat?: string;
  readonly dur?: number;
  readonly name?: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Operators of a training step by the time that they take, the largest first. The first step, which compiles, counts too, so
 *  there are `steps` of them. */
export async function profileOfStep(
  model: BenchModel,
  provider: Provider,
  batch: number,
  steps: number,
): Promise<OperatorTime[]> {
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-profile-'));
  try {
    const session = { provider, profilePrefix: join(folder, 'step') };
    const step = await openStep(model, freshWeights(model), provider, batch, steps, session);
    const feeds = makeBatch(model, batch);
    for (let at = 0; at <= steps; at++) await step.step([feeds], training.learningRate);
    await step.close();
    const sums = new Map<string, { calls: number; us: number }>();
    for (const file of await readdir(folder)) {
      for (const event of JSON.parse(await readFile(join(folder, file), 'utf8')) as TraceEvent[]) {
        if (!(event.cat === 'Node' || event.cat === 'Kernel' || event.cat === 'Api')) continue;
        if (event.cat === 'Node' && !event.name?.endsWith('_kernel_time')) continue;
        const key = `${event.args?.op_name ?? event.name}|${event.cat === 'Node' ? event.args?.provider : event.cat}`;
        const sum = sums.get(key) ?? { calls: 0, us: 0 };
        sums.set(key, { calls: sum.calls + 1, us: sum.us + (event.dur ?? 0) });
      }
    }
    return [...sums]
      .map(([key, { calls, us }]) => {
        const [operator = '', by = ''] = key.split('|');
        return { operator, provider: by, calls: calls / (steps + 1), msPerStep: us / 1000 / (steps + 1) };
      })
      .sort((a, b) => b.msPerStep - a.msPerStep)
      .slice(0, 40);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
