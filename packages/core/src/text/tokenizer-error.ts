import { CoreError } from '../errors.js';

/** A tokenizer file that is missing, damaged or of a kind that cannot be run. */
export class TokenizerError extends CoreError {
  constructor(where: string, problem: string, cause?: unknown) {
    super('TOKENIZER_INVALID', `${where}: ${problem}`, { where }, cause);
  }
}
