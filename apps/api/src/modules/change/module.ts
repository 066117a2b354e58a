import { within } from '../../platform/auth/within.js';
import { defineModule } from '../../platform/module.js';
import { createImageRepository } from '../photo/repository.js';
import { changeLoaders } from './loaders.js';
import { createChangeRepository } from './repository.js';
import { type ChangeService, createChangeService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly changes: ChangeService;
  }
}

export const changeModule = defineModule({
  name: 'change',
  loaders: changeLoaders,
  create({ prisma, services: { embeddingSpaces, models } }) {
    const images = createImageRepository(prisma);
    const spaceId = () => models.live()?.spaceId ?? null;
    const changes = createChangeService({
      changes: createChangeRepository(prisma),
      images: (ids) => images.byIds(ids),
      countSelection: (selection) => images.countSelection(selection, spaceId()),
      spaceId,
      onRestored: () => embeddingSpaces.embedMissing(),
    });
    return {
      services: { changes },
      scope: (own) => ({
        changes: { ...changes, byIds: async (ids) => within(await changes.byIds(ids), own) },
      }),
    };
  },
});
