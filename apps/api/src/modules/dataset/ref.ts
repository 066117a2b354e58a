import { builder } from '../../platform/graphql/builder.js';
import type { Dataset } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const DatasetRef = builder.objectRef<Dataset>('Dataset');
