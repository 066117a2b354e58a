import { defineModule } from '../../platform/module.js';
import { ledgerLoaders } from './loaders.js';
import { createRejectRoutes } from './reject-routes.js';
import { createLedgerRepository } from './repository.js';
import { createLedgerService, type LedgerService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly ledger: LedgerService;
  }
}

export const ledgerModule = defineModule({
  name: 'ledger',
  loaders: ledgerLoaders,
  create({ prisma, services: { jobs } }) {
    const ledger = createLedgerService(createLedgerRepository(prisma), jobs);
    return { services: { ledger }, routes: (http) => [createRejectRoutes({ jobs, ledger, ...http })] };
  },
});
