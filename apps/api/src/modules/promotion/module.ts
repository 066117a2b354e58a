import { defineModule } from '../../platform/module.js';
import { createModelRepository } from '../model/repository.js';
import { createPromotionService, type PromotionService, rememberComparisons } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly promotions: PromotionService;
  }
}

export const promotionModule = defineModule({
  name: 'promotion',
  create: ({ prisma, services: { models, embeddingSpaces: spaces, evaluations } }) => ({
    services: {
      promotions: createPromotionService({
        repository: createModelRepository(prisma),
        models,
        spaces,
        evaluations,
        compare: rememberComparisons(evaluations.compare),
      }),
    },
  }),
});
