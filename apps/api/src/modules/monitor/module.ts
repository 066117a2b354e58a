import { Router } from 'express';
import { hasRole } from '../../platform/auth/caller.js';
import { ForbiddenError, UnauthenticatedError } from '../../platform/errors.js';
import { defineModule } from '../../platform/module.js';
import { createMonitorRepository } from './repository.js';
import { createMonitorService, type MonitorService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly monitor: MonitorService;
  }
}

export const monitorModule = defineModule({
  name: 'monitor',
  create({ prisma, metrics, settings, log, services: { models } }) {
    const monitor = createMonitorService({
      metrics,
      repository: createMonitorRepository(prisma),
      log,
      recallSample: settings.recallSample ?? 0,
      spaceId: () => models.live()?.spaceId ?? null,
    });
    return {
      services: { monitor },
      scope: () => ({ monitor: { ...monitor, searched: () => {} } }),
      routes({ callerOf }) {
        const router = Router();
        router.get('/metrics', async (request, response) => {
          const caller = callerOf(request);
          if (!hasRole(caller, 'VIEWER')) throw new UnauthenticatedError();
          if (caller?.datasets)
            throw new ForbiddenError('You may see some datasets alone, and this is about all of them.');
          const { type, body } = await monitor.text();
          response.set({ 'content-type': type, 'cache-control': 'no-store' }).send(body);
        });
        return [router];
      },
    };
  },
});
