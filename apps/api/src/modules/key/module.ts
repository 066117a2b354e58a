import { defineModule } from '../../platform/module.js';
import { createKeyService, type KeyService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly keys: KeyService;
  }
}

export const keyModule = defineModule({
  name: 'key',
  create: ({ access }) => ({ services: { keys: createKeyService(access) } }),
});
