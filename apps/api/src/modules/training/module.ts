import { join } from 'node:path';
import { ConflictError } from '../../platform/errors.js';
import { defineModule } from '../../platform/module.js';
import { createExportRepository } from '../export/repository.js';
import { measureJob, trainJob } from './job.js';
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
    const { datasets, versions, jobs, models, modelRegistry: registry } = services;
    const trainings = createTrainingRepository(prisma);
    const runFolder = (id: string) => join(dataDir, 'trainings', id);
    return {
      services: {
        trainings: createTrainingService({
          trainings,
          datasets,
          versions,
          jobs,
          registry,
          models,
          runFolder,
        }),
      },
      jobParts: {
        ...{ trainings, registry, models, runFolder },
        datasetFiles: { exports: createExportRepository(prisma), blobs },
        hub: registry.hub,
        cacheFolder: join(dataDir, 'trainings', 'cache'),
        async styleFolder(styleSpace: string | null) {
          if (styleSpace === null) return null;
          throw new ConflictError(`There is no style space "${styleSpace}".`);
        },
      },
    };
  },
});
