import { ModelError } from '../models/model-error.js';
import type { TunableImageTower, TunableTextTower } from '../models/tunable-tower.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { linear } from '../nn/linear.js';
import {
  initialise,
  type Parameter,
  type ParameterMap,
  type ParameterSource,
  type ParameterSpec,
  within,
} from '../nn/parameters.js';
import type { TransformerHooks } from '../nn/transformer.js';
import { staticDim } from '../onnx/dims.js';
import type { Tensor } from '../onnx/graph.js';
import { add, concat, gemm, matMul, mul, reshape, slice, sub } from '../onnx/ops/index.js';
import type { Random } from '../random.js';
import { styleFeatures, styleNetwork } from '../style-space/style-network.js';
import { StyleSpaceError } from '../style-space/style-space-error.js';
import { projectStyle, promptSource, promptSpecs, promptsOf, type StyleProjection } from './style-prompts.js';
import { initialiseTextPrompts } from './text-prompts.js';
import { learnsWhole, type Tuning } from './tuning.js';

export interface QueryTowerOutput {
  /** `[batch, embedding]`, unit length, in the gallery's space. */
  readonly embedding: Tensor;
  /** The query's style; null for a method that does not look at it. */
  readonly style: StyleProjection | null;
}

const usesPrompts = (tuning: Tuning): boolean => tuning.method === 'vpt' || tuning.method === 'freestyle';

/** Whether this tuning reads the style of a query at all. */
export const usesStyle = (tuning: Tuning, layers: number): boolean =>
  Array.from({ length: layers }, (_, layer) => promptSource(tuning, layer)).some(
    (source) => source === 'style' || source === 'gram',
  );

/** What a query tower is made of. */
export interface QueryTowerShape {
  readonly tower: TunableImageTower;
  readonly tuning: Tuning;
  /** Centres of the style space; 0 where there is none. */
  readonly clusters: number;
  /** Edge of the pictures that the style network reads; the tower's own where absent. */
  readonly styleSize?: number;
  /** Needed by a tuning with text prompts alone. */
  readonly text?: TunableTextTower;
}

/** The query tower: the frozen image tower (`image.*`) with what the tuning adds (`query.*`).
 *  @param pixels uint8 `[batch, size, size, 3]`. @param imposed see {@link projectStyle}.
 *  @param given `[batch, 64]`: the style features of the pictures, where they are known already. */
export function queryTower(
  parameters: ParameterSource,
  pixels: Tensor,
  shape: QueryTowerShape,
  imposed: Tensor | null = null,
  given: Tensor | null = null,
): QueryTowerOutput {
  const { tower, tuning, clusters } = shape;
  const query = within(parameters, 'query');
  const style = clusters > 0 ? readStyle(parameters, query, pixels, shape, imposed, given) : null;
  const { layers, width } = tower;
  const driver = usesStyle(tuning, layers) || (tuning.stem && followsStyle(tuning)) ? style : null;
  const hooks: TransformerHooks = {
    ...(usesPrompts(tuning)
      ? {
          prompts: (layer, x) => promptsOf(query, tuning, layer, width, driver, x, pixels.shape[0] ?? 1),
        }
      : {}),
    ...(tuning.method === 'lora'
      ? { delta: (layer, site, x) => lora(query, tower, tuning, layer, site, x) }
      : {}),
  };
  const stem = (index: number, x: Tensor) => restyle(query, tuning, index, x, driver);
  const built = tower.build(towerSource(parameters, shape), pixels, {
    ...hooks,
    ...(usesPrompts(tuning) && tuning.stem ? { stem } : {}),
  });
  const embedding = tuning.appearance && style ? weighLooks(query, built, style, shape) : built;
  const mapped =
    tuning.method === 'linear'
      ? linear(within(query, 'head'), embedding, tower.embedding, tower.embedding, { bias: false })
      : embedding;
  const unit = l2Normalise(mapped);
  return { embedding: tuning.centred && style ? centreByStyle(query, unit, style, shape) : unit, style };
}

/** The parts of the vector that tell the look: from each is taken `Σ_k w_k c_k`, with the style weights w of the query and
 *  the place c of each cluster, and its length becomes `Σ_k w_k γ_k` times that of a photo. */
function weighLooks(
  query: ParameterSource,
  embedding: Tensor,
  style: StyleProjection,
  { clusters, tower }: QueryTowerShape,
): Tensor {
  const { embedding: width, looks = [] } = tower;
  if (looks.length === 0) return embedding;
  const numbers = looksWidth(tower);
  const columns = (x: Tensor, start: number, end: number) => slice(x, [{ axis: 1, start, end }]);
  const gains = matMul(style.weights, query('look_gains', [clusters, looks.length]));
  const places = matMul(style.weights, query('look_places', [clusters, numbers]));
  const all = sub(columns(embedding, width - numbers, width), places);
  let start = 0;
  const parts = looks.map(({ width: part, gain }, index) => {
    const unit = l2Normalise(columns(all, start, start + part));
    start += part;
    return mul(unit, mul(columns(gains, index, index + 1), gain));
  });
  return concat([columns(embedding, 0, width - numbers), ...parts], 1);
}

const looksWidth = ({ looks = [] }: TunableImageTower): number =>
  looks.reduce((sum, { width }) => sum + width, 0);

/** The offsets learn in larger units than vectors have, so that the steps that suit prompts suit them. */
export const OFFSET_SCALE = 0.1;

/** `e − Σ_k w_k c_k` at unit length, with the style weights w of the query and a learned place c of each cluster. */
function centreByStyle(
  query: ParameterSource,
  embedding: Tensor,
  style: StyleProjection,
  { clusters, tower }: QueryTowerShape,
): Tensor {
  const places = mul(query('offsets', [clusters, tower.embedding]), OFFSET_SCALE);
  return l2Normalise(sub(embedding, matMul(style.weights, places)));
}

function readStyle(
  parameters: ParameterSource,
  query: ParameterSource,
  pixels: Tensor,
  { tower, clusters, styleSize = tower.size }: QueryTowerShape,
  imposed: Tensor | null,
  given: Tensor | null,
) {
  const features = given ?? styleFeatures(within(parameters, 'style.network'), pixels, styleSize);
  const gram = l2Normalise(features);
  const space: ParameterSource = (name, shape) =>
    name === 'temperature' ? query('temperature', shape) : parameters(`style.${name}`, shape);
  return projectStyle(space, gram, clusters, imposed);
}

/** Where the tower's own weights come from: the frozen ones, but for what this tuning lets learn. */
function towerSource(parameters: ParameterSource, { tuning, tower }: QueryTowerShape): ParameterSource {
  const frozen = within(parameters, 'image');
  const learned = within(parameters, 'query.image');
  if (learnsWhole(tuning)) {
    if (!tuning.keepTrunk) return learned;
    return (name, shape) => (staysWhole(name, tuning, tower) ? frozen(name, shape) : learned(name, shape));
  }
  if (!tuning.layerNorms) return frozen;
  return (name, shape) => (isLayerNorm(name) ? learned(name, shape) : frozen(name, shape));
}

const followsStyle = (tuning: Tuning): boolean => tuning.method === 'freestyle' && tuning.styleSpace;

/** Scales and shifts the channels of a stem layer by the query's style: `x · (1 + a(s)) + b(s)`, as conditional
 *  normalisation does (Dumoulin et al. 2017), on a frozen convolution. */
function restyle(
  query: ParameterSource,
  tuning: Tuning,
  index: number,
  x: Tensor,
  driver: StyleProjection | null,
): Tensor {
  const channels = staticDim(x.shape, 1, 'restyle');
  const learned = query(`stem.${index}.static`, [1, 2 * channels]);
  const rows =
    driver && followsStyle(tuning)
      ? add(
          gemm(driver.style, query(`stem.${index}.from_style`, [2 * channels, styleNetwork.width]), null, {
            transB: true,
          }),
          learned,
        )
      : learned;
  const part = (start: number) =>
    reshape(slice(rows, [{ axis: 1, start, end: start + channels }]), [rows.shape[0] ?? 1, channels, 1, 1]);
  return add(mul(x, add(part(0), 1)), part(channels));
}

/** Weights that are not of the heads: of the trunk, what standardises its features, and the maps of the looks. */
const isTrunk = (name: string): boolean => /(^|\.)(trunk|pooled|appearance|outlines)\./.test(name);

/** Whether a weight of the tower, named without `image.`, stays as it is where the rest learns whole. */
const staysWhole = (name: string, tuning: Tuning, tower: TunableImageTower): boolean =>
  tuning.keepTrunk === true && isTrunk(name) && !(tuning.lateTrunk && tower.lateTrunk?.(name));

const isLayerNorm = (name: string): boolean => /(^|\.)(norm\d?|preNorm|postNorm)\./.test(name);

/** Sites of a block that get a low-rank addition: the attention's maps, as Hu et al. 2022 recommend. */
const loraSites: Readonly<Record<string, (width: number) => readonly [number, number]>> = {
  qkv: (width) => [width, 3 * width],
  out: (width) => [width, width],
};

function lora(
  query: ParameterSource,
  tower: TunableImageTower,
  tuning: Tuning,
  layer: number,
  site: string,
  x: Tensor,
): Tensor | null {
  const size = loraSites[site]?.(tower.width);
  if (!size) return null;
  const [inputs, outputs] = size;
  const down = query(`lora.${layer}.${site}.down`, [tuning.rank, inputs]);
  const up = query(`lora.${layer}.${site}.up`, [outputs, tuning.rank]);
  return gemm(gemm(x, down, null, { transB: true }), up, null, { transB: true });
}

/** Fresh `query.*` weights of a tuning. What copies the backbone starts as the backbone: before the first step
 *  every method but the prompts ranks as the backbone does.
 *  @throws {StyleSpaceError} for style prompts without a style space.
 *  @throws {ModelError} for a stem to be tuned where there is none. */
export function initialiseQueryTower(
  { tower, tuning, clusters, text }: QueryTowerShape,
  backbone: ParameterMap,
  random: Random,
): Map<string, Parameter> {
  const { layers, width } = tower;
  if (tuning.stem && tower.stem.length === 0) {
    throw new ModelError(
      'MODEL_CONFIG',
      'the backbone',
      'has no convolutional stem to tune, its patches are cut by a single layer; leave the stem out (no --stem)',
    );
  }
  if (clusters === 0 && (usesStyle(tuning, layers) || tuning.centred)) {
    throw new StyleSpaceError(
      'STYLE_SPACE_MISSING',
      `The method "${tuning.method}" reads a style space, and there is none; make one with train-style and name its bundle, or take the method "vpt".`,
    );
  }
  const weights = new Map<string, Parameter>();
  const addAll = (specs: Record<string, ParameterSpec>) => {
    for (const [name, parameter] of initialise(specs, random)) weights.set(`query.${name}`, parameter);
  };
  if (clusters > 0) {
    // 1/τ = 10: a cosine gap of 0.2 makes a weight of 88 % against 12 %.
    weights.set('query.temperature', { shape: [], data: Float32Array.of(Math.log(10)) });
  }
  const { looks = [] } = tower;
  if (tuning.appearance && clusters > 0 && looks.length > 0)
    addAll({
      look_gains: { shape: [clusters, looks.length], init: 'ones' },
      look_places: { shape: [clusters, looksWidth(tower)], init: 'zeros' },
    });
  if (tuning.centred) {
    addAll({ offsets: { shape: [clusters, tower.embedding], init: 'zeros' } });
  }
  if (usesPrompts(tuning)) addAll(promptSpecs(tuning, layers, width, styleNetwork.width));
  if (usesPrompts(tuning) && tuning.stem) addAll(stemSpecs(tower, tuning));
  if (tuning.method === 'lora') addAll(loraSpecs(tower, tuning));
  if (tuning.method === 'linear') {
    const { embedding } = tower;
    const data = new Float32Array(embedding ** 2);
    for (let row = 0; row < embedding; row++) data[row * (embedding + 1)] = 1;
    weights.set('query.head.weight', { shape: [embedding, embedding], data });
  }
  if (tuning.textPrompts) {
    if (!text) throw new RangeError('initialiseQueryTower: text prompts need the text tower in the shape');
    for (const [name, parameter] of initialiseTextPrompts(text, tuning, random.fork('text')))
      weights.set(name, parameter);
  }
  for (const [name, { shape, data }] of backbone) {
    if (!name.startsWith('image.')) continue;
    const learns = learnsWhole(tuning) && !staysWhole(name.slice('image.'.length), tuning, tower);
    const copied = learns || (tuning.layerNorms && isLayerNorm(name));
    if (copied) weights.set(`query.${name}`, { shape, data: data.slice() });
  }
  return weights;
}

/** All zeros: the first step is that of the plain stem. */
function stemSpecs(tower: TunableImageTower, tuning: Tuning): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  for (const [index, channels] of tower.stem.entries()) {
    specs[`stem.${index}.static`] = { shape: [1, 2 * channels], init: 'zeros' };
    if (!followsStyle(tuning)) continue;
    specs[`stem.${index}.from_style`] = { shape: [2 * channels, styleNetwork.width], init: 'zeros' };
  }
  return specs;
}

function loraSpecs(tower: TunableImageTower, tuning: Tuning): Record<string, ParameterSpec> {
  const specs: Record<string, ParameterSpec> = {};
  for (let layer = 0; layer < tower.layers; layer++) {
    for (const [site, size] of Object.entries(loraSites)) {
      const [inputs, outputs] = size(tower.width);
      specs[`lora.${layer}.${site}.down`] = { shape: [tuning.rank, inputs], init: 1 / Math.sqrt(inputs) };
      specs[`lora.${layer}.${site}.up`] = { shape: [outputs, tuning.rank], init: 'zeros' };
    }
  }
  return specs;
}
