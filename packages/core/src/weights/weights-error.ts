import { CoreError } from '../errors.js';

/** A weight file that cannot be trusted: malformed, truncated, or of a kind this reader does not know. */
export class WeightsFormatError extends CoreError {
  constructor(where: string, problem: string, data: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super('WEIGHTS_FORMAT', `${where}: ${problem}`, { where, ...data }, cause);
  }
}

/** A tensor that a model needs and the file does not hold. */
export class MissingTensorError extends CoreError {
  constructor(where: string, tensor: string, present: readonly string[]) {
    const shown = present.slice(0, 5).join(', ');
    const rest = present.length > 5 ? `, … (${present.length} in all)` : '';
    super('WEIGHTS_MISSING', `${where}: no tensor named "${tensor}"; it holds ${shown || 'nothing'}${rest}`, {
      where,
      tensor,
    });
  }
}

/** A tensor that holds NaN or an infinity where finite weights were expected. */
export class NonFiniteWeightsError extends CoreError {
  constructor(where: string, tensor: string, index: number, value: number) {
    super(
      'WEIGHTS_NON_FINITE',
      `${where}: tensor "${tensor}" holds ${value} at flat index ${index}; weights must be finite. The file is damaged or its training diverged`,
      { where, tensor, index },
    );
  }
}

/** A tensor whose shape is not the one that the model's configuration asks for. */
export class TensorShapeError extends CoreError {
  constructor(where: string, tensor: string, expected: readonly number[], got: readonly number[]) {
    super(
      'WEIGHTS_SHAPE',
      `${where}: tensor "${tensor}" has shape [${got.join(', ')}], expected [${expected.join(', ')}]`,
      { where, tensor, expected, got },
    );
  }
}
