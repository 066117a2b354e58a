import { builder } from '../../platform/graphql/builder.js';
import type { TrainingRun } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const TrainingRunRef = builder.objectRef<TrainingRun>('TrainingRun');
