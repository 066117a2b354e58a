import { CoreError } from '../errors.js';

/** The gradient was asked for through an operator that has no rule. */
export class MissingGradientError extends CoreError {
  constructor(op: string) {
    super(
      'MISSING_GRADIENT',
      `autodiff: the operator ${op} has no gradient rule; add one in autodiff/rules/, or stop the gradient before it`,
      { op },
    );
  }
}
