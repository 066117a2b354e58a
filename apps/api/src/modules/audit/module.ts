import type { AuditLog } from '../../platform/auth/audit-log.js';
import { defineModule } from '../../platform/module.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly audit: AuditLog;
  }
}

export const auditModule = defineModule({
  name: 'audit',
  create: ({ access }) => ({ services: { audit: access.audit } }),
});
