// What `npm run test:gpu` runs: every operator, every tower, ten training steps and the memory of a long training on a provider,
// against plain float64 loops and the processor. A process of its own, because the graphics driver is chosen by environment
// variables at its start. Prints a JSON line for each check; the last one is the sum of all.
import { parseArgs } from 'node:util';
import { selectProvider } from '../../runtime/provider.js';
import type { Provider } from '../../runtime/session.js';
import { checkOperators } from './check-operators.js';
import { checkTowers } from './check-towers.js';
import { checkMemory, checkTraining } from './check-training.js';

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'webgpu' },
    parts: { type: 'string', default: 'operators,towers,training,memory' },
    operators: { type: 'string' },
    steps: { type: 'string', default: '1000' },
  },
});

/** What is too far. CUDA multiplies matrices with factors of 19 bits (TF32), which leaves 5e-4 of a product. */
const limits = {
  cpu: { operator: 5e-6, tower: 1e-5, weights: 1e-5 },
  webgpu: { operator: 2e-5, tower: 1e-4, weights: 2e-5 },
  cuda: { operator: 5e-3, tower: 5e-3, weights: 2e-3 },
} as const;

const provider = values.provider as Provider;
const failed: string[] = [];
const elsewhere = new Set<string>();
const say = (record: object): void => console.log(JSON.stringify(record));
const expectBelow = (what: string, gap: number, limit: number): void => {
  if (!(gap <= limit)) failed.push(`${what}: off by ${gap}, at most ${limit}`);
};

const parts: Readonly<Record<string, () => Promise<void>>> = {
  operators: () =>
    checkOperators(
      provider,
      (check) => {
        say(check);
        for (const operator of check.elsewhere) elsewhere.add(operator);
        expectBelow(check.op, check.gap, limits[provider].operator);
      },
      (op) => !values.operators || values.operators.split(',').includes(op),
    ),
  towers: () =>
    checkTowers(provider, (check) => {
      say(check);
      expectBelow(`the tower ${check.tower}`, check.gap, limits[provider].tower);
      if (check.elsewhere.length > 0)
        failed.push(`the tower ${check.tower}: ${check.elsewhere.join(', ')} ran elsewhere`);
    }),
  training: async () => {
    const check = await checkTraining(provider, 10);
    say(check);
    for (const kind of ['weights', 'average', 'moments', 'loss'] as const)
      expectBelow(`${kind} after ${check.steps} steps`, check[kind], limits[provider].weights);
  },
  memory: async () => {
    const check = await checkMemory(provider, Number(values.steps));
    say(check);
    // The first half fills pools and caches.
    const [middle = 0, end = 0] = [check.residentMb[4], check.residentMb.at(-1)];
    if (end > 1.05 * middle + 8) failed.push(`memory went on growing: ${check.residentMb.join(', ')} MB`);
  },
};

say(await selectProvider(provider));
for (const name of values.parts.split(',')) {
  const part = parts[name];
  if (!part) throw new RangeError(`--parts: no part "${name}", there are ${Object.keys(parts).join(', ')}`);
  await part();
}
say({ provider, failed, elsewhere: [...elsewhere] });
if (failed.length > 0) process.exitCode = 1;
