import { builder } from '../../platform/graphql/builder.js';
import type { Evaluation } from './repository.js';
import type { StoredResult } from './stored.js';

// Apart from its fields, because types name each other in circles.
export const EvaluationRef = builder.objectRef<Evaluation>('Evaluation');

/** A result and the evaluation that it belongs to. */
export interface OwnedResult extends StoredResult {
  readonly evaluationId: string;
}
export const EvaluationResultRef = builder.objectRef<OwnedResult>('EvaluationResult');
