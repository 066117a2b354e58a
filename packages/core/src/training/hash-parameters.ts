import { createHash } from 'node:crypto';
import type { ParameterMap } from '../nn/parameters.js';

/** SHA-256 over names and bits of weights: equal before and after training for everything that is frozen. */
export function hashParameters(weights: ParameterMap): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
