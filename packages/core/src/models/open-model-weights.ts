import { basename } from 'node:path';
import { z } from 'zod';
import { readPytorchCheckpoint } from '../weights/pytorch-checkpoint.js';
import { readSafetensors } from '../weights/read-safetensors.js';
import { joinTensorMaps, type TensorMap } from '../weights/tensor-map.js';
import { ModelError } from './model-error.js';
import { type ModelFiles, readModelJson } from './model-files.js';

/** A model's weights and the files that hold them. */
export interface OpenWeights {
  readonly tensors: TensorMap;
  readonly paths: readonly string[];
}

/** Opens the first weight file that there is: safetensors, an index over several of them, or a PyTorch checkpoint.
 *  @throws {ModelError} when there is none. */
export async function openModelWeights(
  files: ModelFiles,
  candidates: readonly string[],
): Promise<OpenWeights> {
  const path = await files.require(...candidates);
  if (path.endsWith('.index.json')) return openShards(files, path);
  const tensors = path.endsWith('.safetensors')
    ? await readSafetensors(path)
    : await readPytorchCheckpoint(path);
  return { tensors, paths: [path] };
}

async function openShards(files: ModelFiles, indexPath: string): Promise<OpenWeights> {
  const index = z
    .looseObject({ weight_map: z.record(z.string(), z.string()) })
    .safeParse(await readModelJson(files.name, indexPath));
  if (!index.success)
    throw new ModelError('MODEL_CONFIG', files.name, `${basename(indexPath)} holds no "weight_map"`);
  const names = [...new Set(Object.values(index.data.weight_map))].sort();
  const paths = await Promise.all(names.map((name) => files.require(name)));
  return {
    tensors: joinTensorMaps(indexPath, await Promise.all(paths.map((path) => readSafetensors(path)))),
    paths,
  };
}
