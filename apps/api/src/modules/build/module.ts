import { defineModule } from '../../platform/module.js';
import { buildJob } from './job.js';
import { createBuildRepository } from './repository.js';
import { type BuildService, createBuildService } from './service.js';
import { createStyleWorkers, type StyleWorkers } from './style-workers.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly builds: BuildService;
  }
  interface ModuleOptions {
    /** What makes query pictures; threads of its own unless given. */
    readonly styleWorkers?: StyleWorkers | undefined;
  }
}

export const buildModule = defineModule({
  name: 'build',
  jobs: [buildJob],
  create({ prisma, blobs, options, refreshStatistics, services: { datasets, jobs, models } }) {
    const builds = createBuildRepository(prisma);
    const workers = options.styleWorkers ?? createStyleWorkers();
    const spaceId = () => models.live()?.spaceId ?? null;
    return {
      services: { builds: createBuildService({ datasets, jobs, builds, blobs, workers }) },
      jobParts: { builds, blobs, workers, spaceId, refreshStatistics },
      close: () => workers.close(),
    };
  },
});
