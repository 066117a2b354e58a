import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Parameter } from '../../nn/parameters.js';
import type { ModelHub } from '../../weights/model-hub.js';
import type { TensorMap } from '../../weights/tensor-map.js';
import { layerMapping, readMappedWeights } from '../map-weights.js';
import { ModelError } from '../model-error.js';
import { hubFiles, localFiles, type ModelFiles } from '../model-files.js';
import { openModelWeights } from '../open-model-weights.js';
import { type VggOptions, vggLayers } from './vgg19.js';

/** A VGG-19's weights and how they want to be run: the last argument of `vgg19`. Pixels are RGB in [0, 1]. */
export interface VggWeights {
  readonly weights: Map<string, Parameter>;
  readonly options: Required<VggOptions>;
}

/** What torchvision's weights were trained on: RGB in [0, 1], minus the mean, over the deviation. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

/** Files under which VGG-19 is published: timm's and transformers' names, and torchvision's own. */
const WEIGHT_FILES = ['model.safetensors', 'pytorch_model.bin', 'vgg19-dcbb9e9d.pth'];

/** Opens VGG-19 up to a layer from a weight file, a folder, or a hub's repository (`timm/vgg19.tv_in1k`).
 *  `paths` are the files that were read.
 *  @throws {ModelError} for a place that is none of these. @throws {MissingTensorError} for a file cut before `until`. */
export async function loadVgg(
  place: string,
  until: string,
  hub?: ModelHub,
): Promise<VggWeights & { readonly paths: readonly string[] }> {
  const info = await stat(place).catch(() => undefined);
  const { files, names } = locate(place, info, hub);
  const { tensors, paths } = await openModelWeights(files, names);
  return { ...(await readVggWeights(tensors, until).finally(() => tensors.close())), paths };
}

function locate(
  place: string,
  info: { isFile(): boolean } | undefined,
  hub: ModelHub | undefined,
): { files: ModelFiles; names: readonly string[] } {
  if (info?.isFile()) return { files: localFiles(dirname(place)), names: [basename(place)] };
  if (info) return { files: localFiles(place), names: WEIGHT_FILES };
  const [owner, name, ...rest] = place.split('/');
  if (!hub || !owner || !name || rest.length > 0) {
    throw new ModelError(
      'MODEL_UNKNOWN',
      place,
      'neither a weight file, nor a folder, nor a name on a model hub (owner/name)',
    );
  }
  return { files: hubFiles(hub, place), names: WEIGHT_FILES };
}

/** Reads VGG-19 up to a layer under either naming: `conv1_1` … with a 1×1 `preprocess` convolution and reflection
 *  padding (the normalised VGG of style transfer), or torchvision's `features.0` … with zero padding, to which
 *  ImageNet's normalisation is added as such a convolution, so that both take pixels in [0, 1].
 *  @throws {ModelError} for weights of another network. */
export async function readVggWeights(tensors: TensorMap, until: string): Promise<VggWeights> {
  const layers = vggLayers.slice(0, vggLayers.indexOf(until) + 1);
  if (layers.length === 0) {
    throw new ModelError(
      'MODEL_CONFIG',
      tensors.source,
      `VGG-19 has no layer "${until}"; there are ${vggLayers.join(', ')}`,
    );
  }
  if (tensors.has('preprocess.weight')) {
    const mapping = Object.assign({}, ...['preprocess', ...layers].map((name) => layerMapping(name, name)));
    const weights = await readMappedWeights(tensors, mapping);
    return { weights, options: { until, preprocess: true, padding: 'reflect' } };
  }
  if (!tensors.has('features.0.weight')) {
    throw new ModelError(
      'MODEL_CONFIG',
      tensors.source,
      'holds neither "preprocess.weight" (normalised VGG) nor "features.0.weight" (torchvision); not a VGG-19',
    );
  }
  const mapping = Object.assign(
    {},
    ...layers.map((name) => layerMapping(name, `features.${torchvisionIndex(name)}`)),
  );
  const weights = await readMappedWeights(tensors, mapping);
  for (const [name, parameter] of imageNetNormalisation()) weights.set(name, parameter);
  return { weights, options: { until, preprocess: true, padding: 'zeros' } };
}

/** Place of a convolution in torchvision's `features`: each is followed by a ReLU, each block by a pooling. */
function torchvisionIndex(name: string): number {
  const block = Number(name.slice(4, 5));
  return 2 * vggLayers.indexOf(name) + (block - 1);
}

/** `(x − mean) / std` as a 1×1 convolution. */
function imageNetNormalisation(): [string, Parameter][] {
  const weight = new Float32Array(9);
  const bias = new Float32Array(3);
  for (const channel of [0, 1, 2] as const) {
    weight[channel * 4] = 1 / IMAGENET_STD[channel];
    bias[channel] = -IMAGENET_MEAN[channel] / IMAGENET_STD[channel];
  }
  return [
    ['preprocess.weight', { shape: [3, 3, 1, 1], data: weight }],
    ['preprocess.bias', { shape: [3], data: bias }],
  ];
}
