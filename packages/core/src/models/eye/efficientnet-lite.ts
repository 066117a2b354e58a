import type { Parameter } from '../../nn/parameters.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import type { TrunkBlock, TrunkConfig } from './trunk.js';

/** `epsilon` of the batch normalisations of every published EfficientNet. */
const EPSILON = 1e-3;

/** Strides of the seven stages of EfficientNet (Tan & Le 2019), whose first blocks alone have them. A stage begins where the
 *  number of channels changes; the fifth keeps its size. */
const STAGE_STRIDES = [1, 2, 2, 2, 1, 2, 1] as const;

/** Reads the trunk of an EfficientNet-Lite from its PyTorch state dict (`_conv_stem`, `_blocks.<n>`, `_conv_head`), its
 *  batch normalisations folded into the convolutions. The classifier stays behind.
 *  @throws {MissingTensorError} for a file of another kind. */
export async function readEfficientNetLite(
  tensors: TensorMap,
): Promise<{ readonly config: TrunkConfig; readonly weights: Map<string, Parameter> }> {
  const weights = new Map<string, Parameter>();
  const fold = async (name: string, conv: string, norm: string): Promise<readonly number[]> => {
    const { weight, bias } = await foldedConvolution(tensors, conv, norm);
    weights.set(`${name}.weight`, weight);
    weights.set(`${name}.bias`, bias);
    return weight.shape;
  };
  const [stem = 0] = await fold('stem', '_conv_stem', '_bn0');
  const blocks: TrunkBlock[] = [];
  let inputs = stem;
  let stage = -1;
  for (let index = 0; tensors.has(`_blocks.${index}._depthwise_conv.weight`); index++) {
    const theirs = `_blocks.${index}`;
    const at = `blocks.${index}`;
    if (tensors.has(`${theirs}._expand_conv.weight`))
      await fold(`${at}.expand`, `${theirs}._expand_conv`, `${theirs}._bn0`);
    const [expanded = 0, , kernel = 3] = await fold(
      `${at}.depth`,
      `${theirs}._depthwise_conv`,
      `${theirs}._bn1`,
    );
    const [outputs = 0] = await fold(`${at}.project`, `${theirs}._project_conv`, `${theirs}._bn2`);
    const begins = outputs !== inputs || index === 0;
    if (begins) stage += 1;
    const stride = begins ? (STAGE_STRIDES[stage] ?? 1) : 1;
    blocks.push({ kernel: kernel === 5 ? 5 : 3, stride, inputs, expanded, outputs });
    inputs = outputs;
  }
  const [head = 0] = await fold('head', '_conv_head', '_bn1');
  return { config: { stem, blocks, head, mean: 127, scale: 128 }, weights };
}

/** `y = γ·(Wx − μ)/√(σ² + ε) + β` as one convolution: `W·γ/√(σ² + ε)` and `β − μ·γ/√(σ² + ε)`. */
async function foldedConvolution(tensors: TensorMap, conv: string, norm: string) {
  const { shape } = tensors.info(`${conv}.weight`);
  const data = Float32Array.from(await tensors.float32(`${conv}.weight`));
  const [gamma, beta, mean, variance] = await Promise.all(
    ['weight', 'bias', 'running_mean', 'running_var'].map((name) => tensors.float32(`${norm}.${name}`)),
  );
  const [filters = 0] = shape;
  const bias = new Float32Array(filters);
  const size = data.length / filters;
  for (let filter = 0; filter < filters; filter++) {
    const factor = (gamma?.[filter] ?? 1) / Math.sqrt((variance?.[filter] ?? 1) + EPSILON);
    bias[filter] = (beta?.[filter] ?? 0) - (mean?.[filter] ?? 0) * factor;
    for (let i = filter * size; i < (filter + 1) * size; i++) data[i] = (data[i] ?? 0) * factor;
  }
  return { weight: { shape, data }, bias: { shape: [filters], data: bias } };
}
