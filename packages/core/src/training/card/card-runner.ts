import { encodeSteps, initial, stacked } from '../../onnx/encode.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { stopGradient } from '../../onnx/ops/index.js';
import {
  createSession,
  type DeviceTensor,
  float32,
  type HostTensor,
  type Session,
  type SessionOptions,
} from '../../runtime/session.js';
import { type CardGraph, TOTALS } from './card-graph.js';

type Feeds = Readonly<Record<string, HostTensor>>;

/** Runs the steps of a {@link CardGraph} and keeps what goes from one to the next. */
export interface CardRunner {
  /** Takes a step's batch and schedule; the step may run later. They may be changed once the promise is kept. */
  step(feeds: Feeds): Promise<void>;
  /** Runs what waits, gives the totals of the steps since the last call, and begins them anew. */
  totals(): Promise<Float32Array>;
  /** Runs what waits and brings everything carried to main memory, by the name of its input. */
  read(): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

const arrayOf = (tensor: HostTensor | undefined): Float32Array =>
  (tensor?.data ?? new Float32Array()) as Float32Array;

/** For providers whose tensors the binding can keep on the card (`webgpu`): each step is a run, its outputs are the next run's
 *  inputs, and nothing but the batch goes up. */
export async function residentRunner(
  { graph, carried }: CardGraph,
  start: Feeds,
  options: SessionOptions,
): Promise<CardRunner> {
  const onDevice = carried.map(({ output }) => output);
  const session = await createSession(graph, { ...options, onDevice });
  const reader = await createReader(options);
  const state: Record<string, HostTensor | DeviceTensor> = { ...start };
  const replace = (name: string, next: HostTensor | DeviceTensor | undefined) => {
    const old = state[name];
    if (old && 'dispose' in old) old.dispose();
    if (next) state[name] = next;
  };
  return {
    async step(feeds) {
      const { device } = await session.runOnDevice({ ...state, ...feeds });
      for (const { input, output } of carried) replace(input, device[output]);
    },
    async totals() {
      const sums = await reader.read(state[TOTALS]);
      replace(TOTALS, float32(new Float32Array(sums.length), [sums.length]));
      return sums;
    },
    async read() {
      const found = new Map<string, Float32Array>();
      for (const { input } of carried) found.set(input, await reader.read(state[input]));
      return found;
    },
    async close() {
      for (const { input } of carried) replace(input, undefined);
      await session.close();
      await reader.close();
    },
  };
}

/** Brings vectors from the card to main memory: asked for its data directly, a tensor of the card ends the process. */
async function createReader(options: SessionOptions) {
  const graph = createGraph('read');
  output(graph, 'y', stopGradient(input(graph, 'x', [{ symbol: 'size', factor: 1 }])));
  const session = await createSession(graph, options);
  return {
    async read(tensor: HostTensor | DeviceTensor | undefined): Promise<Float32Array> {
      if (!tensor || 'data' in tensor) return arrayOf(tensor).slice();
      const { host } = await session.runOnDevice({ x: tensor });
      return arrayOf(host.y);
    },
    close: () => session.close(),
  };
}

/** For providers whose tensors cannot stay on the card between two runs (`cuda`): steps wait until `every` of them are there and
 *  then run as one model, inside which everything stays on the card. */
export async function steppedRunner(
  { graph, carried }: CardGraph,
  start: Feeds,
  options: SessionOptions,
  every: number,
): Promise<CardRunner> {
  const session = await createSession(encodeSteps(graph, { carried }), options);
  const queue = createQueue();
  // Two sets in turns: one is read while the other is written.
  let state = Object.fromEntries(Object.entries(start).map(([name, tensor]) => [name, { ...tensor }]));
  let other = Object.fromEntries(
    Object.entries(start).map(([name, { shape, data }]) => [
      name,
      float32(new Float32Array(data.length), shape),
    ]),
  );
  const flush = async () => {
    if (queue.count() === 0) return;
    const feeds: Record<string, HostTensor> = queue.take();
    const into: Record<string, HostTensor> = {};
    for (const { input, output } of carried) {
      feeds[initial(input)] = state[input] as HostTensor;
      into[output] = other[input] as HostTensor;
    }
    await run(session, feeds, into);
    [state, other] = [other, state];
  };
  return {
    async step(feeds) {
      queue.add(feeds);
      if (queue.count() >= every) await flush();
    },
    async totals() {
      await flush();
      const sums = arrayOf(state[TOTALS]).slice();
      arrayOf(state[TOTALS]).fill(0);
      return sums;
    },
    async read() {
      await flush();
      return new Map(carried.map(({ input }) => [input, arrayOf(state[input])]));
    },
    close: () => session.close(),
  };
}

async function run(session: Session, feeds: Feeds, into: Feeds): Promise<void> {
  await session.run(feeds, into);
}

/** Collects the feeds of steps, each kind in one array with the steps as its first axis. */
function createQueue() {
  let waiting: Feeds[] = [];
  return {
    count: () => waiting.length,
    /** Copies: the caller may reuse its arrays. */
    add(feeds: Feeds) {
      waiting.push(
        Object.fromEntries(
          Object.entries(feeds).map(([name, one]) => [name, { ...one, data: one.data.slice() }]),
        ),
      );
    },
    take(): Record<string, HostTensor> {
      const steps = waiting;
      waiting = [];
      return Object.fromEntries(
        Object.entries(steps[0] ?? {}).map(([name, { dtype, shape, data }]) => {
          const Kind = data.constructor as new (length: number) => Float32Array;
          const all = new Kind(data.length * steps.length);
          steps.forEach((step, at) => {
            all.set(step[name]?.data as Float32Array, at * data.length);
          });
          return [stacked(name), { dtype, shape: [steps.length, ...shape], data: all }];
        }),
      );
    },
  };
}
