import { builder } from '../../platform/graphql/builder.js';
import type { DatasetVersion } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const DatasetVersionRef = builder.objectRef<DatasetVersion>('DatasetVersion');
