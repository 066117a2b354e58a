import { dirname, join } from 'node:path';
import { DEFAULT_MODEL, type EmbeddingModel, readBundle } from '@freestyle/core';
import { backboneFolder } from '@freestyle/core/models';
import { folderBytes } from './registry-folder.js';
import type { NewModel } from './repository.js';

/** What the server was started with. */
export interface StartedModel {
  readonly model: EmbeddingModel | Promise<EmbeddingModel>;
  /** The name that opens it again; null for one that is made in this process alone. */
  readonly name: string | null;
  /** Whether a person named it, and did not just take the usual one. */
  readonly isGiven: boolean;
}

/** The models that a server has by being started with one: its backbone, and its query encoder where that is another. */
export async function startedModels(model: EmbeddingModel, name: string | null): Promise<NewModel[]> {
  const { spaceHash, queryHash, dimensions } = model;
  const common = { spaceHash, dimensions, origin: 'STARTED', source: name, format: 'named' } as const;
  const [backboneFacts, queryFacts] = name === DEFAULT_MODEL ? await bundledFacts() : [{}, {}];
  const isPlain = queryHash === spaceHash;
  const backbone: NewModel = {
    ...common,
    kind: 'BACKBONE',
    name: isPlain ? model.name : `${model.name} backbone`,
    encoder: isPlain && name !== DEFAULT_MODEL ? model.name : `${model.name}/zero-shot`,
    contentHash: spaceHash,
    ...backboneFacts,
  };
  if (isPlain) return [backbone];
  return [
    backbone,
    {
      ...common,
      kind: 'QUERY_ENCODER',
      name: model.name,
      encoder: model.name,
      contentHash: queryHash,
      ...queryFacts,
    },
  ];
}

type Facts = Pick<NewModel, 'licence' | 'byteSize' | 'facts'>;

async function bundledFacts(): Promise<[Facts, Facts]> {
  const facts = async (folder: string): Promise<Facts> => {
    const { manifest } = await readBundle(folder);
    const { licence, config, training, evaluation, preprocessing } = manifest;
    return {
      licence,
      byteSize: await folderBytes(folder),
      facts: { config, training, evaluation, preprocessing },
    };
  };
  return Promise.all([facts(backboneFolder), facts(join(dirname(backboneFolder), 'query'))]);
}
