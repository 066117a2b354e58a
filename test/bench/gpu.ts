// Forward pass and training step of the image encoders on a graphics card, against the processor and PyTorch on the same card.
// Started by scripts/bench.mjs.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { selectProvider } from '../../packages/core/src/runtime/provider.js';
import type { Provider } from '../../packages/core/src/runtime/session.js';
import { cardMemoryMb, cardName } from './gpu/card-memory.js';
import { freshWeights, timeForward, timeStep } from './gpu/contender.js';
import { memoryOfTraining } from './gpu/memory.js';
import { type BenchModel, benchModels } from './gpu/models.js';
import { parityOfTraining } from './gpu/parity.js';
import { profileOfStep } from './gpu/profile.js';
import { type GpuReport, markdown } from './gpu/report.js';
import { timeTorch } from './gpu/torch.js';
import { median } from './statistics.js';

const usage = `npm run bench -- gpu [--provider cuda|webgpu|cpu] [--models bundled,vit-b-32,vit-b-16] [--batches 32,128,1]
  [--parts times,torch,parity,profile,cpu,memory] [--repeats 5] [--read-every 16] [--seconds 600] [--json FILE] [--markdown FILE]
Parts run in the order given until the seconds are over. PyTorch takes part where FREESTYLE_PYTHON (or python3) can import it.`;

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'cuda' },
    models: { type: 'string', default: 'bundled,vit-b-32,vit-b-16' },
    batches: { type: 'string', default: '32,128,1' },
    parts: { type: 'string', default: 'times,torch,parity,profile,cpu,memory' },
    repeats: { type: 'string', default: '5' },
    'read-every': { type: 'string', default: '16' },
    'parity-batch': { type: 'string', default: '32' },
    'memory-steps': { type: 'string', default: '500' },
    seconds: { type: 'string', default: '600' },
    torch: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const started = performance.now();
const secondsLeft = (): number => Number(values.seconds) - (performance.now() - started) / 1000;
const say = (line: string): void => {
  console.log(`[${((performance.now() - started) / 1000).toFixed(1)} s] ${line}`);
};
const repeats = Number(values.repeats);
const batches = values.batches.split(',').map(Number);
const models = values.models.split(',').map((name) => {
  const model = benchModels.find((one) => one.name === name);
  if (!model)
    throw new RangeError(
      `--models: no model "${name}", there are ${benchModels.map((m) => m.name).join(', ')}`,
    );
  return model;
});
const cases = models.flatMap((model) => batches.map((batch) => ({ model, batch })));

const report: GpuReport = {
  card: cardName(),
  provider: values.provider,
  probe: '',
  rows: [],
  parity: [],
  memory: [],
  profile: [],
  notes: [],
};

function save(): void {
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.markdown) writeFileSync(values.markdown, markdown(report));
}

/** Tells of what failed and goes on: the other figures are worth having. */
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  if (secondsLeft() < 5) {
    report.notes.push(`${what}: left out, the time was over`);
    return;
  }
  await work().catch((error: unknown) => {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    report.notes.push(`${what}: ${reason}`);
    say(`${what} FAILED: ${error instanceof Error ? error.message : reason}`);
  });
  save();
}

const kept: { model?: BenchModel; weights?: ReturnType<typeof freshWeights> } = {};

/** One model's at a time: they take a while to make, and a large one takes room. */
function weightsOf(model: BenchModel): ReturnType<typeof freshWeights> {
  if (kept.model !== model || !kept.weights) Object.assign(kept, { model, weights: freshWeights(model) });
  return kept.weights ?? freshWeights(model);
}

async function timesOf(provider: Provider, model: BenchModel, batch: number): Promise<void> {
  const weights = weightsOf(model);
  const readEvery = provider === 'cpu' ? 1 : Number(values['read-every']);
  const forward = median(await timeForward(model, weights, provider, batch, 3 * repeats)) / batch;
  say(`${provider} ${model.name} batch ${batch}: forward ${forward.toFixed(3)} ms a picture`);
  const row = { who: `ours, ${provider}`, model: model.name, batch, forward };
  const at = report.rows.push({ ...row, step: null, memoryMb: cardMemoryMb() }) - 1;
  save();
  const step = median(await timeStep(model, weights, provider, batch, { readEvery, repeats })) / batch;
  say(`${provider} ${model.name} batch ${batch}: step ${step.toFixed(3)} ms a picture`);
  report.rows[at] = { ...row, step, memoryMb: cardMemoryMb() };
}

async function torchTimes(tf32: boolean): Promise<void> {
  const who = `PyTorch${tf32 ? ', TF32' : ''}`;
  const missing = await timeTorch(
    {
      cases,
      tf32,
      steps: Number(values['read-every']),
      repeats,
      ...(values.torch ? { script: values.torch } : {}),
    },
    ({ name, batch, forward, step, memoryMb, error }) => {
      say(
        `${who} ${name} batch ${batch}: ${error ?? `forward ${((forward ?? 0) / batch).toFixed(3)}, step ${((step ?? 0) / batch).toFixed(3)}`}`,
      );
      report.rows.push({
        who,
        model: name,
        batch,
        forward: forward === undefined ? null : forward / batch,
        step: step === undefined ? null : step / batch,
        memoryMb: memoryMb ?? null,
        ...(error ? { note: error } : {}),
      });
      save();
    },
  );
  if (missing) throw new Error(`PyTorch left out: ${missing}`);
}

const parts: Readonly<Record<string, (provider: Provider) => Promise<void>>> = {
  times: async (provider) => {
    for (const { model, batch } of cases)
      await attempt(`${provider} ${model.name} batch ${batch}`, () => timesOf(provider, model, batch));
  },
  torch: async () => {
    for (const tf32 of [false, true]) await attempt(`PyTorch ${tf32 ? 'TF32' : ''}`, () => torchTimes(tf32));
  },
  parity: async (provider) => {
    const [model] = models;
    await attempt('parity', async () => {
      const parity = await parityOfTraining(
        model as BenchModel,
        provider,
        Number(values['parity-batch']),
        10,
      );
      say(
        `parity: losses within ${parity.lossGap.toExponential(2)}, weights ${parity.weightGap.toExponential(2)}`,
      );
      report.parity.push(parity);
    });
  },
  profile: async (provider) => {
    const [model] = models;
    await attempt('profile', async () => {
      const batch = Math.max(...batches);
      report.profile.push(...(await profileOfStep(model as BenchModel, provider, batch, 8)));
      say(`profile of ${model?.name}, batch ${batch}: ${report.profile.length} operators`);
    });
  },
  cpu: async () => {
    const [model] = models;
    for (const batch of batches.filter((one) => one > 1))
      await attempt(`cpu batch ${batch}`, () => timesOf('cpu', model as BenchModel, batch));
  },
  memory: async (provider) => {
    const [model] = models;
    await attempt('memory', async () => {
      report.memory.push(
        ...(await memoryOfTraining(model as BenchModel, provider, [8, 12], Number(values['memory-steps']))),
      );
      say(`memory: ${report.memory.map(({ hostMb, cardMb }) => `${hostMb.toFixed(0)}/${cardMb}`).join(' ')}`);
    });
  },
};

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const selected = await selectProvider(values.provider as Provider);
  Object.assign(report, { probe: selected.summary });
  say(selected.summary);
  for (const name of values.parts.split(',')) {
    const part = parts[name];
    if (!part) throw new RangeError(`--parts: no part "${name}", there are ${Object.keys(parts).join(', ')}`);
    await part(selected.provider);
  }
  save();
  console.log(`\n${markdown(report)}`);
}

await main();
