import { builder } from '../../platform/graphql/builder.js';
import type { Job } from './repository.js';

// Apart from its fields, because types name each other in circles.
export const JobRef = builder.objectRef<Job>('Job');
