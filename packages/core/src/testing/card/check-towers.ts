import { bertTower } from '../../models/bert/bert-tower.js';
import { clipTextTower } from '../../models/clip/clip-text-tower.js';
import type { SmallConfig } from '../../models/small/config.js';
import { imageTower } from '../../models/small/image-tower.js';
import { textTower } from '../../models/small/text-tower.js';
import { vgg19 } from '../../models/vgg/vgg19.js';
import { vitTower } from '../../models/vit-tower.js';
import { l2Normalise } from '../../nn/l2-normalise.js';
import type { ParameterSource } from '../../nn/parameters.js';
import { createGraph, type Graph, initializer, input, output, type Tensor } from '../../onnx/graph.js';
import { reshape } from '../../onnx/ops/index.js';
import { createRandom } from '../../random.js';
import { executionProviderName, runProfiled } from '../../runtime/placements.js';
import { float32, type HostTensor, hostTensor, int64, type Provider } from '../../runtime/session.js';

/** One tower in small, its vectors of unit length. */
export interface TowerCheck {
  readonly tower: string;
  /** Largest distance of an element from the processor's. */
  readonly gap: number;
  readonly elsewhere: readonly string[];
}

const block = { width: 8, layers: 2, heads: 2, hidden: 16, activation: 'quick_gelu' } as const;
const small: SmallConfig = {
  model_type: 'freestyle-small',
  embedding: 6,
  image: { ...block, size: 16, stem: [4, 8] },
  text: { ...block, vocabulary: 11, context: 4, activation: 'gelu' },
};

type Build = (graph: Graph, source: ParameterSource) => Tensor;
const random = createRandom('towers');
const noise = (...shape: number[]): HostTensor =>
  float32(
    Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => random.normal()),
    shape,
  );
const bytes = (...shape: number[]): HostTensor =>
  hostTensor(
    'uint8',
    Uint8Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => random.integer(256)),
    shape,
  );

const feeds: Record<string, HostTensor> = {
  bytes: bytes(2, 16, 16, 3),
  pixels: noise(2, 3, 16, 16),
  flat: int64([1, 9, 9, 10, 1, 3, 10, 0], [8]),
  ids: int64([1, 9, 9, 10, 1, 3, 10, 0], [2, 4]),
  ends: int64([3, 6], [2]),
  mask: float32(Float32Array.of(1, 1, 1, 1, 1, 1, 1, 0), [2, 4]),
};
const fed = (graph: Graph, name: string): Tensor => {
  const { shape, dtype } = feeds[name] as HostTensor;
  return input(graph, name, shape, dtype);
};

const vit = { imageSize: 16, patchSize: 4, projection: 6 } as const;
const towers: Readonly<Record<string, Build>> = {
  'small image': (graph, source) => imageTower(source, fed(graph, 'bytes'), small).embedding,
  'small text': (graph, source) => textTower(source, fed(graph, 'flat'), fed(graph, 'ends'), small, 2, 4),
  'CLIP image': (graph, source) =>
    vitTower(source, fed(graph, 'pixels'), {
      ...block,
      ...vit,
      hasPreNorm: true,
      hasPatchBias: false,
      hasProjectionBias: false,
    }),
  'BLIP image': (graph, source) =>
    vitTower(source, fed(graph, 'pixels'), {
      ...block,
      ...vit,
      activation: 'gelu',
      hasPreNorm: false,
      hasPatchBias: true,
      hasProjectionBias: true,
    }),
  'CLIP text': (graph, source) =>
    clipTextTower(source, fed(graph, 'ids'), fed(graph, 'ends'), {
      ...block,
      causal: true,
      vocabulary: 11,
      context: 4,
      projection: 6,
      end: { kind: 'largest-id' },
    }),
  'BLIP text': (graph, source) =>
    bertTower(source, fed(graph, 'ids'), fed(graph, 'mask'), {
      ...block,
      activation: 'gelu',
      vocabulary: 11,
      positions: 4,
      context: 4,
      projection: 6,
    }),
  'VGG to conv2_2': (graph, source) => {
    const features = vgg19(source, fed(graph, 'pixels'), { until: 'conv2_2' });
    return reshape(features, [2, 128 * 8 * 8]);
  },
};

/** Runs every tower of the product, in small, on a provider and on the processor. */
export async function checkTowers(provider: Provider, onCheck: (check: TowerCheck) => void): Promise<void> {
  for (const [tower, build] of Object.entries(towers)) {
    const graph = createGraph(tower, provider);
    output(graph, 'y', l2Normalise(build(graph, freshWeights(graph, tower))));
    const wanted = Object.fromEntries(graph.inputs.map(({ name }) => [name, feeds[name] as HostTensor]));
    const [card, plain] = [
      await runProfiled(graph, wanted, provider),
      await runProfiled(graph, wanted, 'cpu'),
    ];
    const [got, expected] = [card, plain].map(({ results }) => Array.from(results.y?.data ?? [], Number));
    const strangers = card.placements.filter((one) => one.provider !== executionProviderName[provider]);
    onCheck({
      tower,
      gap: Math.max(...(expected ?? []).map((value, at) => Math.abs(value - (got?.[at] ?? Number.NaN)))),
      elsewhere: [...new Set(strangers.map(({ operator }) => operator))],
    });
  }
}

/** A source that makes each weight when it is asked for. */
function freshWeights(graph: Graph, seed: string): ParameterSource {
  const known = new Map<string, Tensor>();
  return (name, shape) => {
    const found = known.get(name);
    if (found) return found;
    const stream = createRandom(`${seed} ${name}`);
    const size = shape.reduce((product, dim) => product * dim, 1);
    const scale = shape.length > 1 ? 1 / Math.sqrt(size / Number(shape[0])) : 0.5;
    const data = Float32Array.from({ length: size }, () => scale * stream.normal());
    const tensor = initializer(graph, name, shape, data, 'float32');
    known.set(name, tensor);
    return tensor;
  };
}
