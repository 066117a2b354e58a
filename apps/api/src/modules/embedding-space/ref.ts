import { builder } from '../../platform/graphql/builder.js';
import type { SpaceRow } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const EmbeddingSpaceRef = builder.objectRef<SpaceRow>('EmbeddingSpace');
