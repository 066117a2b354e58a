import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubOptions } from '@freestyle/core';
import { defineJobKind } from '../../../platform/jobs/job-kind.js';
import { runInCompute } from '../../../platform/jobs/run-in-compute.js';
import { placeOf } from '../model-place.js';
import type { RegistryFolder } from '../registry-folder.js';
import type { ModelRepository } from '../repository.js';
import type { AddInput, AddOutput } from './compute.js';
import type { IncomingModels } from './incoming-models.js';
import { addPayload, sourceWords } from './source.js';

export interface AddModelParts {
  readonly models: ModelRepository;
  readonly folder: RegistryFolder;
  readonly incoming: IncomingModels;
  readonly hub: HubOptions;
}

const hubFolder = ({ hubCache }: RegistryFolder, repo: string): string =>
  join(hubCache, (repo.split('@')[0] ?? repo).replace('/', '--'));

/** Takes a model into the registry: fetched, checked against its hashes, opened and tried once. */
export const addModelJob = defineJobKind({
  name: 'FETCH_MODEL',
  summary: 'Fetches a model from a hub, or takes it from a folder, into the registry.',
  lane: 'io',
  payload: addPayload,
  describe: ({ source }) =>
    source.kind === 'hub' ? `Fetch ${sourceWords(source)}` : `Add the model ${sourceWords(source)}`,
  unit: 'KB',
  resume: 'A download goes on where it was cut off.',
  exclusive: ({ payload: { source } }) => `model ${sourceWords(source)}`,
  async run(run, { models, folder, incoming, hub }: AddModelParts) {
    const { source } = run.payload;
    const backbones = (await models.all()).filter(({ kind }) => kind === 'BACKBONE');
    const input: AddInput = {
      source: source.kind === 'upload' ? { ...source, folder: incoming.folder(source.id) } : source,
      staged: folder.incoming(run.id),
      // What is fetched stays in the data folder, with everything else that this installation has.
      hub: { ...hub, cacheFolder: folder.hubCache },
      backbones: backbones.flatMap((one) => {
        const place = placeOf(one, null, folder);
        const { name, spaceHash: hash, dimensions } = one;
        return place === null ? [] : [{ name, hash, dimensions, place: place.name }];
      }),
    };
    const found = await runInCompute<AddInput, AddOutput>(run, 'modules/model/add/compute', input);
    const known = await models.byHash(found.model.kind, found.model.contentHash);
    await folder.adopt(input.staged, found.model.contentHash);
    const row = await models.register({ ...found.model, encoder: null, addedBy: run.startedBy });
    if (source.kind === 'upload') await incoming.remove(source.id);
    // Its files have their own place now.
    if (source.kind === 'hub') await rm(hubFolder(folder, source.repo), { recursive: true, force: true });
    return {
      message:
        known === null
          ? `${row.name}: ${row.dimensions} dimensions, every file checked.`
          : `${row.name} is here already: the very same content.`,
      result: { modelId: row.id },
    };
  },
});
