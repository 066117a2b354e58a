import * as ort from 'onnxruntime-node';
import { CoreError } from '../errors.js';
import { hasComputedWeights } from '../onnx/blocked/product.js';
import type { DType, DTypeArray, TensorData } from '../onnx/dtype.js';
import { type EncodeOptions, encodeModel } from '../onnx/encode.js';
import type { Graph } from '../onnx/graph.js';
import { findChannelBlock } from './channel-block.js';

// What goes wrong reaches the caller as an exception; the runtime's own line on stderr would only repeat it.
ort.env.logLevel = 'fatal';

export type Provider = 'cpu' | 'cuda' | 'webgpu';

/** A tensor in main memory: row-major data and its sizes. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** A tensor in the card's memory. It is read by feeding it to a session whose output comes to main memory. */
export interface DeviceTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Gives its memory back; it must not be fed any more. */
  dispose(): void;
}

export interface SessionOptions {
  readonly provider?: Provider;
  /** Outputs that stay in the card's memory; `webgpu` alone, the binding knows no other card's memory. */
  readonly onDevice?: readonly string[];
  /** Threads inside one operator; the runtime's own choice (one a core) when absent. */
  readonly threads?: number;
  /** Writes a profile under this prefix; ended by {@link Session.endProfiling}. */
  readonly profilePrefix?: string;
}

/** A compiled graph. Runs may overlap; each is independent. */
export interface Session {
  readonly provider: Provider;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the graph. A tensor given in `into` receives that output in place, without an allocation. */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    into?: Readonly<Record<string, HostTensor>>,
  ): Promise<Record<string, HostTensor>>;
  /** Runs the graph with tensors of main memory and of the card; the outputs named in `onDevice` stay on the card, to be
   *  fed to the next run and disposed of after it. */
  runOnDevice(feeds: Readonly<Record<string, HostTensor | DeviceTensor>>): Promise<{
    readonly host: Record<string, HostTensor>;
    readonly device: Record<string, DeviceTensor>;
  }>;
  endProfiling(): void;
  close(): Promise<void>;
}

/** The runtime refused a model or a run. `cause` is the runtime's own error. */
export class RuntimeFailure extends CoreError {
  constructor(message: string, data: Readonly<Record<string, unknown>>, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('RUNTIME_FAILURE', `${message}: ${reason}`, data, cause);
  }
}

export const hostTensor = <T extends DType>(
  dtype: T,
  data: DTypeArray[T],
  shape: readonly number[],
): HostTensor => ({ dtype, shape, data });

export const float32 = (data: Float32Array, shape: readonly number[]): HostTensor =>
  hostTensor('float32', data, shape);

export const int64 = (values: ArrayLike<number>, shape: readonly number[]): HostTensor => {
  const data = new BigInt64Array(values.length);
  for (let index = 0; index < values.length; index++) data[index] = BigInt(values[index] ?? 0);
  return hostTensor('int64', data, shape);
};

const toRuntime = (tensor: HostTensor): ort.Tensor =>
  new ort.Tensor(tensor.dtype, tensor.data as Float32Array, tensor.shape);

const fromRuntime = (tensor: ort.Tensor): HostTensor => ({
  dtype: tensor.type as DType,
  shape: tensor.dims,
  data: tensor.data as TensorData,
});

const deviceTensors = new WeakMap<DeviceTensor, ort.Tensor>();

function toDevice(tensor: ort.Tensor): DeviceTensor {
  const kept: DeviceTensor = {
    dtype: tensor.type as DType,
    shape: tensor.dims,
    dispose: () => tensor.dispose(),
  };
  deviceTensors.set(kept, tensor);
  return kept;
}

const fromEither = (tensor: HostTensor | DeviceTensor): ort.Tensor =>
  'data' in tensor ? toRuntime(tensor) : (deviceTensors.get(tensor) as ort.Tensor);

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/** What a provider's kernels need of the model. */
async function encodingFor(provider: Provider, graph: Graph): Promise<EncodeOptions> {
  // It would leave what it has no kernel for to the CPU.
  if (provider === 'webgpu') return { plainOperators: true };
  if (provider === 'cpu' && hasComputedWeights(graph)) return { channelBlock: await channelBlock() };
  return {};
}

let foundBlock: Promise<number | null> | undefined;

/** Looked for once, when the first graph asks for it. */
function channelBlock(): Promise<number | null> {
  foundBlock ??= findChannelBlock(async (model, a, b) => {
    const session = await createSession(model);
    const side = Math.sqrt(a.length);
    const feeds = { a: float32(a, [side, side]), b: float32(b, [side, side]) };
    return session
      .run(feeds)
      .then(({ y }) => y?.data as Float32Array)
      .finally(() => session.close());
  }).catch((error: unknown) => {
    // No answer is not one to keep.
    foundBlock = undefined;
    throw error;
  });
  return foundBlock;
}

/** Compiles a graph (or the bytes of an ONNX model) for one provider.
 *  @throws {RuntimeFailure} if the runtime refuses it. */
export async function createSession(
  model: Graph | Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const provider = options.provider ?? 'cpu';
  const bytes = model instanceof Uint8Array ? model : encodeModel(model, await encodingFor(provider, model));
  const inner = await ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    // An arena grows with every new shape and then allocates nothing more: callers bucket their batch sizes
    // (shape-buckets.ts), so it stops growing after a handful.
    enableCpuMemArena: true,
    logSeverityLevel: 3,
    ...(options.onDevice
      ? {
          preferredOutputLocation: Object.fromEntries(
            options.onDevice.map((name) => [name, 'gpu-buffer' as const]),
          ),
        }
      : {}),
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
  }).catch((cause: unknown) => {
    const name = model instanceof Uint8Array ? 'an ONNX model' : `graph "${model.name}"`;
    throw new RuntimeFailure(`compiling ${name} for ${provider}`, { provider }, cause);
  });

  return {
    provider,
    inputNames: inner.inputNames,
    outputNames: inner.outputNames,
    async run(feeds, into = {}) {
      const fetches = Object.fromEntries(inner.outputNames.map((name) => [name, null as ort.Tensor | null]));
      for (const [name, tensor] of Object.entries(into)) fetches[name] = toRuntime(tensor);
      const results = await inner.run(mapValues(feeds, toRuntime), fetches).catch((cause: unknown) => {
        throw new RuntimeFailure(`running on ${provider}`, { provider }, cause);
      });
      return mapValues(results, fromRuntime);
    },
    async runOnDevice(feeds) {
      const fetches = Object.fromEntries(inner.outputNames.map((name) => [name, null]));
      const results = await inner.run(mapValues(feeds, fromEither), fetches).catch((cause: unknown) => {
        throw new RuntimeFailure(`running on ${provider}`, { provider }, cause);
      });
      const host: Record<string, HostTensor> = {};
      const device: Record<string, DeviceTensor> = {};
      for (const [name, tensor] of Object.entries(results)) {
        if (tensor.location === 'gpu-buffer') device[name] = toDevice(tensor);
        else host[name] = fromRuntime(tensor);
      }
      return { host, device };
    },
    endProfiling: () => inner.endProfiling(),
    close: () => inner.release(),
  };
}
