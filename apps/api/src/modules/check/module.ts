import { defineModule } from '../../platform/module.js';
import { checkJob } from './job.js';
import { checkLoaders } from './loaders.js';
import { createCheckRepository } from './repository.js';
import { type CheckService, createCheckService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly checks: CheckService;
  }
}

export const checkModule = defineModule({
  name: 'check',
  loaders: checkLoaders,
  jobs: [checkJob],
  create({ prisma, blobs, refreshStatistics, services: { datasets, jobs, models, vectorIndex } }) {
    const checks = createCheckRepository(prisma);
    const { segments } = vectorIndex;
    return {
      services: { checks: createCheckService(datasets, jobs, checks) },
      jobParts: {
        checks,
        blobs,
        get model() {
          return models.current();
        },
        segments,
        refreshStatistics,
      },
    };
  },
});
