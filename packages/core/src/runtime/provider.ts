import { CoreError } from '../errors.js';
import { createGraph, type Graph, input, output } from '../onnx/graph.js';
import { conv, fusedMatMul, gemm, layerNormalization, reshape, softmax } from '../onnx/ops/index.js';
import { executionProviderName, type Placement, runProfiled } from './placements.js';
import { float32, type HostTensor, type Provider } from './session.js';
import { missingVulkanLibraries } from './vulkan-libraries.js';

/** What a person asks for: a provider by name, or the best one that truly works. */
export type ProviderRequest = 'auto' | Provider;

/** Which provider was taken, and what it was seen to do. */
export interface SelectedProvider {
  readonly requested: ProviderRequest;
  readonly provider: Provider;
  /** Who executed each operator of the probe. */
  readonly placements: readonly Placement[];
  /** Providers that `auto` would have liked better, and why each was not taken. */
  readonly passedOver: readonly { readonly provider: Provider; readonly reason: string }[];
  /** One line for the log. */
  readonly summary: string;
}

/** A provider was asked for by name and does not work here. `data.reason` is what was seen. */
export class ProviderUnavailableError extends CoreError {
  constructor(provider: Provider, reason: string, cause?: unknown) {
    super(
      'PROVIDER_UNAVAILABLE',
      `the provider "${provider}" was asked for and does not work here: ${reason}. ${remedy[provider]}`,
      { provider, reason },
      cause,
    );
  }
}

const remedy: Readonly<Record<Provider, string>> = {
  cpu: 'Install onnxruntime-node again for this platform',
  cuda:
    'It needs an NVIDIA card with its driver, the CUDA libraries of onnxruntime-node (npm run gpu:cuda), the CUDA that ' +
    'these were built for (12 or 13) and cuDNN 9 (docs/gpu.md); or choose "auto" or "cpu"',
  webgpu:
    'It needs a graphics driver with Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS), and libvulkan.so.1 ' +
    'on Linux; or choose "auto" or "cpu"',
};

/** Finds a provider that works, by running a small graph on it, reading who executed it and checking the numbers.
 *  `auto` takes CUDA where it truly works and the CPU otherwise; WebGPU only comes when it is named.
 *  @throws {ProviderUnavailableError} if a named provider does not do all of the work itself: never a silent
 *  fallback. */
export async function selectProvider(requested: ProviderRequest): Promise<SelectedProvider> {
  if (requested !== 'auto') return selected(requested, requested, await probe(requested), []);
  const passedOver: { provider: Provider; reason: string }[] = [];
  try {
    return selected(requested, 'cuda', await probe('cuda'), passedOver);
  } catch (error) {
    if (!(error instanceof ProviderUnavailableError)) throw error;
    passedOver.push({ provider: 'cuda', reason: String(error.data.reason) });
  }
  return selected(requested, 'cpu', await probe('cpu'), passedOver);
}

function selected(
  requested: ProviderRequest,
  provider: Provider,
  placements: readonly Placement[],
  passedOver: SelectedProvider['passedOver'],
): SelectedProvider {
  const executors = [...new Set(placements.map((placement) => placement.provider))].join(', ');
  const others = passedOver.map((other) => `; ${other.provider} passed over: ${other.reason}`).join('');
  const summary = `provider ${provider} (asked for: ${requested}): ${placements.length} of ${placements.length} probe operators ran on ${executors}${others}`;
  return { requested, provider, placements, passedOver, summary };
}

/** The operators that carry the models: convolution, linear map, normalisation, attention. */
function probeGraph(): Graph {
  const graph = createGraph('provider probe');
  const pixels = input(graph, 'pixels', [1, 2, 6, 6]);
  const kernel = input(graph, 'kernel', [4, 2, 3, 3]);
  const weight = input(graph, 'weight', [4, 4]);
  const scale = input(graph, 'scale', [4]);
  const rows = reshape(conv(pixels, kernel, null, { stride: 3 }), [4, 4]);
  const normal = layerNormalization(gemm(rows, weight), scale, scale);
  const heads = reshape(normal, [1, 2, 4, 2]);
  const weights = softmax(fusedMatMul(heads, heads, { transB: true, alpha: 0.5 }));
  output(graph, 'y', fusedMatMul(weights, heads));
  return graph;
}

/** Numbers without a pattern that could hide a swapped axis. */
const wave = (shape: readonly number[], phase: number): HostTensor => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return float32(
    Float32Array.from({ length: size }, (_, i) => Math.sin(phase + 1.7 * i)),
    shape,
  );
};

const probeFeeds = (): Record<string, HostTensor> => ({
  pixels: wave([1, 2, 6, 6], 0.1),
  kernel: wave([4, 2, 3, 3], 0.2),
  weight: wave([4, 4], 0.3),
  scale: wave([4], 0.4),
});

/** Graphics cards may multiply in 19 or 16 bits; a wrong kernel is off by far more. */
const TOLERANCE = 2e-2;

/** Runs the probe. @throws {ProviderUnavailableError} if the provider refuses it, leaves an operator to another
 *  one, or computes something else than the CPU. */
async function probe(provider: Provider): Promise<readonly Placement[]> {
  const graph = probeGraph();
  const feeds = probeFeeds();
  const refuse = (reason: string, cause?: unknown) => new ProviderUnavailableError(provider, reason, cause);
  const run = await runProfiled(graph, feeds, provider).catch((cause: unknown) => {
    throw refuse([firstLine(cause), hintFor(provider)].filter(Boolean).join('; '), cause);
  });
  const placements = run.placements.filter(({ operator }) => !operator.startsWith('Memcpy'));
  const strangers = placements.filter((placement) => placement.provider !== executionProviderName[provider]);
  if (placements.length === 0) throw refuse('its profile names no operator');
  if (strangers.length > 0) {
    const list = strangers.map((placement) => `${placement.operator} on ${placement.provider}`).join(', ');
    throw refuse(`the runtime gave part of its work to others (${list})`);
  }
  const reference = provider === 'cpu' ? run : await runProfiled(graph, feeds, 'cpu');
  const gap = farthest(run.results.y, reference.results.y);
  if (!(gap <= TOLERANCE)) throw refuse(`its numbers are off by ${gap} from those of the CPU`);
  return placements;
}

/** What else is seen to be missing, where the runtime's own words do not tell. */
const hintFor = (provider: Provider): string | null =>
  provider === 'webgpu' && process.platform === 'linux' ? missingVulkanLibraries() : null;

function farthest(got: HostTensor | undefined, expected: HostTensor | undefined): number {
  if (!got || !expected || got.data.length !== expected.data.length) return Number.POSITIVE_INFINITY;
  let gap = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const distance = Math.abs(Number(got.data[i]) - Number(expected.data[i]));
    if (!(distance <= gap)) gap = distance;
  }
  return gap;
}

/** The runtime's messages carry source paths and stacks after the first line. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.trim() ?? '';
