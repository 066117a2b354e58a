import { buildJob } from './modules/build/job.js';
import { checkJob } from './modules/check/job.js';
import { embedJob } from './modules/embedding-space/job.js';
import { importJob } from './modules/import/job.js';
import type { PartsOf } from './platform/jobs/job-kind.js';

/** Every kind of long work there is: a line each. */
export const jobKinds = [importJob, embedJob, buildJob, checkJob] as const;

export type JobKindName = (typeof jobKinds)[number]['name'];

/** What the server hands to the kinds. */
export type JobParts = PartsOf<typeof jobKinds>;
