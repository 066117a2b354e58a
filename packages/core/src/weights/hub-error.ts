import { CoreError } from '../errors.js';

/** What can go wrong between here and a model hub. */
export type HubErrorCode =
  | 'HUB_OFFLINE'
  | 'HUB_UNREACHABLE'
  | 'HUB_NOT_FOUND'
  | 'HUB_GATED'
  | 'HUB_RESPONSE'
  | 'HUB_CHECKSUM'
  | 'HUB_DISK_FULL'
  | 'HUB_NAME'
  | 'HUB_ADDRESS';

/** A model file that could not be had; the message says why and what to do. */
export class HubError extends CoreError {
  constructor(code: HubErrorCode, what: string, problem: string, cause?: unknown) {
    super(code, `${what}: ${problem}`, { what }, cause);
  }
}
