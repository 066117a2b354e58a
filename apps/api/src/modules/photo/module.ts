import { defineModule } from '../../platform/module.js';
import { photoLoaders } from './loaders.js';
import { createPictureAccess } from './picture-access.js';
import { createPictureRoutes } from './picture-routes.js';
import { createPlaceRepository } from './place-repository.js';
import { createPlaceService, type PlaceService } from './place-service.js';
import { createImageRepository } from './repository.js';
import { createImageService, type ImageService, imagesWithin } from './service.js';
import { createStatisticsRepository } from './statistics-repository.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly images: ImageService;
    readonly places: PlaceService;
  }
}

export const photoModule = defineModule({
  name: 'photo',
  loaders: photoLoaders,
  create({ prisma, blobs, uploads, pictures, services: { datasets, models } }) {
    const spaceId = () => models.live()?.spaceId ?? null;
    const images = createImageService({
      images: createImageRepository(prisma),
      statistics: createStatisticsRepository(prisma),
      hasDataset: async (id) => (await datasets.byIds([id])).length > 0,
      spaceId,
    });
    return {
      services: { images, places: createPlaceService(createPlaceRepository(prisma), spaceId) },
      scope: (own) => ({ images: imagesWithin(images, own) }),
      routes: (http) => [
        createPictureRoutes({ blobs, uploads, pictures, access: createPictureAccess(prisma), ...http }),
      ],
    };
  },
});
