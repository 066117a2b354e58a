import { CoreError } from '../errors.js';

/** A tensor has another shape than an operator or a graph needs. */
export class ShapeError extends CoreError {
  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super('SHAPE_MISMATCH', message, data);
  }
}

/** A graph was put together wrongly: mixed graphs, a name used twice, an operator without a gradient rule. */
export class GraphError extends CoreError {
  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super('INVALID_GRAPH', message, data);
  }
}
