import { defineModule } from '../../platform/module.js';
import { createIncomingFiles } from './incoming-files.js';
import { uploadLoaders } from './loaders.js';
import { createUploadRepository } from './repository.js';
import { createUploadService, type UploadLimits, type UploadService, uploadsWithin } from './service.js';
import { createTusEndpoint } from './tus-endpoint.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly uploads: UploadService;
  }
  interface ModuleOptions {
    readonly uploadLimits?: Partial<UploadLimits> | undefined;
  }
}

export const uploadModule = defineModule({
  name: 'upload',
  loaders: uploadLoaders,
  create({ prisma, dataDir, log, options, services: { datasets, imports, jobs } }) {
    const files = createIncomingFiles(dataDir);
    const uploads = createUploadService({
      uploads: createUploadRepository(prisma),
      files,
      datasets,
      imports,
      jobs,
      limits: options.uploadLimits,
    });
    return {
      services: { uploads },
      scope: (own) => ({ uploads: uploadsWithin(uploads, own) }),
      routes: (http) => [createTusEndpoint({ service: uploads, files, log, ...http })],
      sweep: () => uploads.sweep(),
    };
  },
});
