import { builder } from '../../platform/graphql/builder.js';
import type { Change } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const ChangeRef = builder.objectRef<Change>('Change');
