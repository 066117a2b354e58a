import { builder } from '../../platform/graphql/builder.js';
import type { DatasetQuery } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const DatasetQueryRef = builder.objectRef<DatasetQuery>('DatasetQuery');
