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

/** A tower that encodes the gallery too, where the gallery is the frozen backbone's. */
export class SymmetricTowerError extends CoreError {
  constructor(model: string) {
    super(
      'SYMMETRIC_TOWER',
      `model ${model}: it was trained in the symmetric mode, which encodes the gallery through the tuned tower too, so ` +
        'it cannot serve or be promoted beside photos that the frozen backbone encoded; train it without --symmetric, ' +
        'or compare it with "eval" or "ablate"',
      { model },
    );
  }
}
