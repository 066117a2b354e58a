import { defineModule } from '../../platform/module.js';
import { createPersonService, type PersonService } from './service.js';
import './schema.js';
import './people-schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly people: PersonService;
  }
}

export const personModule = defineModule({
  name: 'person',
  create: ({ access }) => ({ services: { people: createPersonService(access) } }),
});
