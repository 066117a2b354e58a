import { isAbsolute } from 'node:path';
import { ConflictError, ValidationError } from '../../../platform/errors.js';
import type { Job } from '../../../platform/jobs/job-repository.js';
import type { JobService } from '../../job/service.js';
import type { ModelRepository, RegisteredModel } from '../repository.js';
import type { IncomingModels } from './incoming-models.js';
import { addModelJob } from './job.js';
import { SHORTLIST, type ShortlistEntry } from './shortlist.js';
import { FAMILIES, hubSource } from './source.js';

export interface AddModels {
  /** @throws {ValidationError} for what is no name of a hub. @throws {ConflictError} for one that is here. */
  fetch(name: string, startedBy: string | null): Promise<Job>;
  /** @param path of a folder of the server. @throws {ValidationError} */
  fromFolder(path: string, startedBy: string | null): Promise<Job>;
  fromUpload(id: string, name: string, startedBy: string | null): Promise<Job>;
  /** Models worth trying, with the one that is here already. */
  shortlist(): Promise<(ShortlistEntry & { readonly model: RegisteredModel | null })[]>;
}

export interface AddModelsParts {
  readonly jobs: JobService;
  readonly incoming: IncomingModels;
  readonly repository: ModelRepository;
}

export function createAddModels({ jobs, repository }: AddModelsParts): AddModels {
  const enqueue = (source: Parameters<typeof addModelJob.describe>[0]['source'], startedBy: string | null) =>
    jobs.enqueue(addModelJob, { payload: { source }, startedBy });
  return {
    async fetch(name, startedBy) {
      const source = hubSource(name);
      if (source === null)
        throw ValidationError.at(
          ['name'],
          `expected a model on a hub such as openai/clip-vit-base-patch32, with ${FAMILIES.map((one) => `"${one}:"`).join(', ')} before it where its family is not told by its config; got "${name.slice(0, 80)}"`,
        );
      const here = (await repository.all()).find((one) => one.origin === 'HUB' && one.source === source.repo);
      if (here) throw new ConflictError(`${here.name} is here already.`);
      return enqueue(source, startedBy);
    },
    async fromFolder(path, startedBy) {
      if (!isAbsolute(path.trim()))
        throw ValidationError.at(['path'], 'expected the absolute path of a folder of the server');
      return enqueue({ kind: 'folder', path: path.trim() }, startedBy);
    },
    fromUpload: (id, name, startedBy) => enqueue({ kind: 'upload', id, name: name.slice(0, 120) }, startedBy),
    async shortlist() {
      const all = await repository.all();
      return SHORTLIST.map((entry) => ({
        ...entry,
        model: all.find((one) => one.origin === 'HUB' && one.source?.split('@')[0] === entry.repo) ?? null,
      }));
    },
  };
}
