import { defineModule } from '../../platform/module.js';
import { createJudgementRepository } from './repository.js';
import { createJudgementService, type JudgementService, judgementsWithin } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly judgements: JudgementService;
  }
}

export const judgementModule = defineModule({
  name: 'judgement',
  create({ prisma, services: { evaluations } }) {
    const judgements = createJudgementService(createJudgementRepository(prisma), evaluations);
    return {
      services: { judgements },
      scope: (own) => ({ judgements: judgementsWithin(judgements, own, evaluations) }),
    };
  },
});
