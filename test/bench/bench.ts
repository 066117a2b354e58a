// The image encoder's forward pass and a full training step: ours, plain ONNX Runtime, PyTorch. Rounds are
// interleaved, because nothing else makes times on a shared machine comparable. Started by scripts/bench.mjs.
import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findTorch } from './find-torch.js';
import { type Contender, freestyle, makeProblem, plainRuntime } from './image-encoder.js';
import { median, pairedRatio, textTable } from './statistics.js';
import { startTorch, type TorchPeer } from './torch-peer.js';

const usage = `npm run bench -- [--rounds 7] [--batch 32] [--threads 2] [--json FILE]
Times the small model's image encoder. PyTorch takes part where FREESTYLE_PYTHON (or python3) can import torch.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    batch: { type: 'string', default: '32' },
    threads: { type: 'string', default: '2' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const tasks = ['forward', 'step'] as const;
type Task = (typeof tasks)[number];
type Times = Map<string, Record<Task, number[]>>;

const wholeNumber = (name: 'rounds' | 'batch' | 'threads'): number => {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name}: expected a whole number from 1, got "${values[name]}"`);
};

async function timeOf(contender: Contender, task: Task): Promise<number> {
  // PyTorch's clock runs in its own process, so that the pipe between us is not counted.
  if ('timed' in contender) return (contender as TorchPeer).timed(task);
  const started = performance.now();
  await contender[task]();
  return performance.now() - started;
}

/** The threads of the one before wait for more work in a loop for a while, and would do so at the next one's cost. */
const PAUSE_MS = 100;

/** Each begins a round in its turn, and goes before and after every other one equally often: caches are as those leave
 *  them. */
function inTurn<T>(contenders: readonly T[], round: number): T[] {
  const first = round % contenders.length;
  const order = [...contenders.slice(first), ...contenders.slice(0, first)];
  return Math.floor(round / contenders.length) % 2 === 0 ? order : order.reverse();
}

async function measure(contenders: readonly Contender[], rounds: number): Promise<Times> {
  const times: Times = new Map(contenders.map(({ name }) => [name, { forward: [], step: [] }]));
  // The first two rounds allocate and warm caches; they are not counted.
  for (let round = -2; round < rounds; round++) {
    for (const task of tasks) {
      for (const contender of inTurn(contenders, round + 2)) {
        await setTimeout(PAUSE_MS);
        // As in a run of many: the first wakes the threads and brings what is needed back into the caches.
        await timeOf(contender, task);
        const ms = await timeOf(contender, task);
        if (round >= 0) times.get(contender.name)?.[task].push(ms);
      }
    }
    process.stderr.write(`\rround ${Math.max(0, round + 1)} of ${rounds} `);
  }
  process.stderr.write('\n');
  return times;
}

/** Both sides must compute the same model, or their times mean nothing. */
function assertClose(what: string, a: ArrayLike<number>, b: ArrayLike<number>): number {
  const gap = Math.max(...Array.from(a, (v, i) => Math.abs(v - (b[i] ?? Number.NaN))));
  if (!(gap < 1e-3)) throw new Error(`bench: the two models differ in their ${what} by ${gap}`);
  return gap;
}

function table(times: Times, ours: string): string {
  const rows = [['', 'forward ms', 'ours / this', 'training step ms', 'ours / this']];
  for (const [name, measured] of times) {
    const cells = tasks.flatMap((task) => {
      const ratio = pairedRatio(times.get(ours)?.[task] ?? [], measured[task]);
      return [median(measured[task]).toFixed(1), name === ours ? '' : ratio.toFixed(2)];
    });
    rows.push([name, ...cells]);
  }
  return textTable(rows);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const [rounds, batch, threads] = [wholeNumber('rounds'), wholeNumber('batch'), wholeNumber('threads')];
  const problem = makeProblem(batch, threads);
  const ours = await freestyle(problem);
  const plain = await plainRuntime(problem);
  const found = findTorch();
  const torch = 'python' in found ? await startTorch(found.python, problem) : null;
  const contenders: Contender[] = [ours, plain, ...(torch ? [torch] : [])];
  const { size, width, layers, heads } = problem.config.image;
  console.log(
    `Image encoder, ${size} px, width ${width}, ${layers} layers, ${heads} heads, batch ${batch}, ${threads} threads; ` +
      `medians of ${rounds} interleaved rounds. A training step is forward, backward, clipping and AdamW.`,
  );
  // Before any training step moves PyTorch's weights.
  const gap = torch ? assertClose('embeddings', await ours.embed(), await torch.embed()) : 0;
  const times = await measure(contenders, rounds);
  console.log(`\n${table(times, ours.name)}\n`);
  if (plain.note) console.log(`${plain.note}.`);
  if (torch) {
    const drift = assertClose('losses', ours.losses, await torch.losses());
    const [embeddings, losses] = [gap.toExponential(1), drift.toExponential(1)];
    console.log(
      `Same model: embeddings agree within ${embeddings}, the losses of all steps within ${losses}.`,
    );
  } else if ('missing' in found) console.log(`PyTorch skipped: ${found.missing}.`);
  if (values.json) {
    const record = { batch, threads, rounds, timesMs: Object.fromEntries(times) };
    await writeFile(values.json, `${JSON.stringify(record, null, 2)}\n`);
  }
  for (const contender of contenders) await contender.close();
}

await main();
