import { CoreError } from '../errors.js';

/** A style space that cannot be made, read or used as asked. */
export class StyleSpaceError extends CoreError {}

/** @throws {StyleSpaceError} when a value is not finite; `what` names the data in the message. */
export function requireFinite(values: Float32Array, what: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new StyleSpaceError(
    'STYLE_FEATURES_INVALID',
    `${what}: value ${at} is ${values[at]}, expected a finite number.`,
  );
}
