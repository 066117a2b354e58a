import { join } from 'node:path';
import { defineModule } from '../../platform/module.js';
import { createExportRepository } from '../export/repository.js';
import { createEncoderCatalog } from './encoders.js';
import { evaluateJob } from './job.js';
import { createEvaluationRepository } from './repository.js';
import { createReportRoutes } from './routes.js';
import { createEvaluationService, type EvaluationService, evaluationsWithin } from './service.js';
import './compare-schema.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly evaluations: EvaluationService;
  }
}

export const evaluationModule = defineModule({
  name: 'evaluation',
  jobs: [evaluateJob],
  create({ prisma, blobs, dataDir, services: { datasets, versions, jobs, modelRegistry } }) {
    const evaluations = createEvaluationRepository(prisma);
    const encoders = createEncoderCatalog(dataDir, modelRegistry);
    const evaluationFolder = (id: string) => join(dataDir, 'evaluations', id);
    const service = createEvaluationService({
      ...{ evaluations, encoders, datasets, versions, jobs },
      evaluationFolder,
    });
    return {
      services: { evaluations: service },
      scope: (own) => ({ evaluations: evaluationsWithin(service, own) }),
      jobParts: {
        evaluations,
        encoders,
        hub: modelRegistry.hub,
        datasetFiles: { exports: createExportRepository(prisma), blobs },
        evaluationFolder,
      },
      routes: (http) => [createReportRoutes({ evaluationFolder, evaluations: service, ...http })],
    };
  },
});
