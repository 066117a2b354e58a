import { CoreError } from '../errors.js';

/** A model that is not there, or that this project cannot build; the message names what stands in the way. */
export class ModelError extends CoreError {
  constructor(
    code: 'MODEL_UNKNOWN' | 'MODEL_CONFIG' | 'MODEL_FILES',
    model: string,
    problem: string,
    cause?: unknown,
  ) {
    super(code, `model ${model}: ${problem}`, { model }, cause);
  }
}
