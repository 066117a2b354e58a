import { builder } from '../../platform/graphql/builder.js';
import type { Job } from '../../platform/jobs/job-repository.js';

// Apart from its fields, because types name each other in circles.
export const JobRef = builder.objectRef<Job>('Job');

/** The answer of a mutation that changes a job. */
export function jobSuccess(name: string) {
  return builder.objectRef<{ job: Job }>(name).implement({
    authScopes: { role: 'VIEWER' },
    fields: (t) => ({ job: t.field({ type: JobRef, resolve: ({ job }) => job }) }),
  });
}
