import { join } from 'node:path';
import { within } from '../../platform/auth/within.js';
import { defineModule } from '../../platform/module.js';
import { createExportRepository } from '../export/repository.js';
import { measureJob, trainJob } from './job.js';
import { readStyleSpace } from './kept-style-space.js';
import { trainingLoaders } from './loaders.js';
import { createTrainingRepository } from './repository.js';
import './schema.js';
import { createTrainingService, type TrainingService } from './service.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly trainings: TrainingService;
  }
}

export const trainingModule = defineModule({
  name: 'training',
  loaders: trainingLoaders,
  jobs: [trainJob, measureJob],
  create({ prisma, blobs, dataDir, services }) {
    const { datasets, versions, jobs, models, modelRegistry: registry, styleSpaces } = services;
    const trainings = createTrainingRepository(prisma);
    const runFolder = (id: string) => join(dataDir, 'trainings', id);
    styleSpaces.addUser(async (spaceId) =>
      (await trainings.runsOnStyleSpace(`${spaceId}#`)).map((name) => `training ${name}`),
    );
    const service = createTrainingService({
      styleBundle: (id, version) => styleSpaces.bundle(id, version),
      ...{ trainings, datasets, versions, jobs, registry, models, runFolder },
    });
    return {
      services: { trainings: service },
      scope: (own) => ({
        trainings: { ...service, byIds: async (ids) => within(await service.byIds(ids), own) },
      }),
      jobParts: {
        ...{ trainings, registry, models, runFolder },
        datasetFiles: { exports: createExportRepository(prisma), blobs },
        hub: registry.hub,
        cacheFolder: join(dataDir, 'trainings', 'cache'),
        async styleFolder(styleSpace: string | null) {
          if (styleSpace === null) return null;
          const { id, version } = readStyleSpace(styleSpace);
          return (await styleSpaces.bundle(id, version)).folder;
        },
      },
    };
  },
});
