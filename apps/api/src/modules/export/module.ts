import { defineModule } from '../../platform/module.js';
import { createExportRepository } from './repository.js';
import { createExportRoutes } from './routes.js';
import { createExportService, type ExportService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly exports: ExportService;
  }
}

export const exportModule = defineModule({
  name: 'export',
  create({ prisma, blobs, services: { datasets } }) {
    const exports = createExportService({ datasets, exports: createExportRepository(prisma), blobs });
    return { services: { exports }, routes: (http) => [createExportRoutes({ exports, ...http })] };
  },
});
