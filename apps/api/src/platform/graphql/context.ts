import type { Logger } from 'pino';
import type { AuditLog } from '../auth/audit-log.js';
import type { Caller } from '../auth/caller.js';
import type { Services } from '../services.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Loaders } from './loaders.js';

/** What every resolver gets, made anew for each request. */
export interface Context {
  /** Null for somebody who may do nothing. */
  readonly caller: Caller | null;
  readonly services: Services;
  readonly loaders: Loaders;
  /** Names this request in the logs and in masked errors. */
  readonly traceId: string;
  readonly log: Logger;
  /** Where the request comes from. */
  readonly address?: string;
  /** Where changes are noted. */
  readonly audit?: AuditLog;
  readonly metrics?: Metrics;
  /** Counts time of the encoder against the caller's key. */
  spend?(encoderMs: number): void;
}
