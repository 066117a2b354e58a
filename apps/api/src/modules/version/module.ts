import { within } from '../../platform/auth/within.js';
import { defineModule } from '../../platform/module.js';
import { versionLoaders } from './loaders.js';
import { createVersionRepository } from './repository.js';
import { createVersionService, type VersionService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly versions: VersionService;
  }
}

export const versionModule = defineModule({
  name: 'version',
  loaders: versionLoaders,
  create({ prisma }) {
    const versions = createVersionService(createVersionRepository(prisma));
    return {
      services: { versions },
      scope: (own) => ({
        versions: { ...versions, byIds: async (ids) => within(await versions.byIds(ids), own) },
      }),
    };
  },
});
