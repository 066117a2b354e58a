import { defineModule } from '../../platform/module.js';
import { createDatasetRepository } from '../dataset/repository.js';
import { createImportRepository } from './commit/repository.js';
import { importJob } from './job.js';
import { previewImport } from './list/preview-import.js';
import type { ArchiveLimits } from './read/archive/archive-limits.js';
import { createItemFetcher } from './read/fetch-item.js';
import { createImportService, type ImportService, importsWithin } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly imports: ImportService;
  }
  interface ModuleOptions {
    readonly archiveLimits?: Partial<ArchiveLimits> | undefined;
  }
}

export const importModule = defineModule({
  name: 'import',
  jobs: [importJob],
  create({ prisma, blobs, dataDir, fetchPicture, options, refreshStatistics, services }) {
    const { datasets, jobs, models, search } = services;
    const imports = createImportRepository(prisma);
    const source = {
      dataDir,
      fetchItem: createItemFetcher(fetchPicture),
      archiveLimits: options.archiveLimits,
    };
    const service = createImportService({
      datasets,
      jobs,
      imports,
      preview: (wanted) => previewImport(wanted, source),
    });
    return {
      services: { imports: service },
      scope: (own) => ({ imports: importsWithin(service, own, imports) }),
      jobParts: {
        ...source,
        imports,
        datasets: createDatasetRepository(prisma),
        blobs,
        get model() {
          return models.current();
        },
        ensureIndex: () => search.refresh(),
        refreshStatistics,
        uploadImported: (sessionId: string, jobId: string) => services.uploads.imported(sessionId, jobId),
      },
    };
  },
});
