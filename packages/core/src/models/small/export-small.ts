import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Parameter, ParameterMap } from '../../nn/parameters.js';
import type { TokenizerJson } from '../../text/tokenizer-json.js';
import type { BundleManifest } from '../../weights/bundle-manifest.js';
import { type ModelBundle, writeBundle } from '../../weights/model-bundle.js';
import { type TensorToWrite, writeSafetensors } from '../../weights/write-safetensors.js';
import type { SmallConfig } from './config.js';

/** A matrix below this many elements stays in half precision: its scales would weigh more than it saves. */
const QUANTISE_FROM = 16_384;

/** How a weight is stored: large matrices as bytes with a scale a row, the rest in half precision. */
function stored(parameter: Parameter): TensorToWrite {
  const { shape, data } = parameter;
  const matrix = shape.length === 2 && data.length >= QUANTISE_FROM;
  return { shape, data, dtype: matrix ? 'INT8_ROWS' : 'F16' };
}

/** Writes the weights whose names pass, small. */
export async function writeSmallWeights(
  path: string,
  weights: ParameterMap,
  keep: (name: string) => boolean,
): Promise<void> {
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, parameter] of weights) if (keep(name)) tensors.set(name, stored(parameter));
  await writeSafetensors(path, tensors);
}

export interface BaseExport {
  readonly name: string;
  readonly config: SmallConfig;
  readonly weights: ParameterMap;
  readonly tokenizer: TokenizerJson;
  readonly training: BundleManifest['training'];
  readonly evaluation: BundleManifest['evaluation'];
}

export const BACKBONE_LICENCE =
  'Apache-2.0 for the weights as trained by this project; the training photos keep their own terms (see the model card)';

/** Writes the backbone (image and text towers, tokenizer) as a bundle. */
export async function exportBase(folder: string, base: BaseExport): Promise<ModelBundle> {
  await mkdir(folder, { recursive: true });
  await writeSmallWeights(join(folder, 'weights.safetensors'), base.weights, (name) =>
    /^(image|text)\./.test(name),
  );
  await writeFile(join(folder, 'tokenizer.json'), `${JSON.stringify(base.tokenizer)}\n`);
  return writeBundle(
    folder,
    {
      name: base.name,
      modelType: 'freestyle-small',
      backbone: null,
      dimensions: base.config.embedding,
      config: base.config,
      preprocessing: { size: base.config.image.size, resize: 'squash', range: [-1, 1] },
      tokenizer: 'tokenizer.json',
      licence: BACKBONE_LICENCE,
      training: base.training,
      evaluation: base.evaluation,
    },
    ['weights.safetensors', 'tokenizer.json'],
  );
}
