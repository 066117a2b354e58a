import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { type CheckParts, checkPayload, runCheck } from './run-check.js';

export interface CheckJobParts extends CheckParts {
  refreshStatistics(): Promise<void>;
}

/** Looks for photos of a dataset that look alike. */
export const checkJob = defineJobKind({
  name: 'CHECK',
  summary: 'Looks for near-duplicates and for leaks between splits.',
  lane: 'io',
  payload: checkPayload,
  describe: ({ similarity }) =>
    similarity === null
      ? 'Look for copies of photos'
      : `Look for copies of photos, and for photos that look alike from a cosine of ${similarity} on`,
  unit: 'photos',
  resume: 'Begins anew, with the perceptual hashes that it had made.',
  async run(run, parts: CheckJobParts) {
    const end = await runCheck(parts, run);
    await parts.refreshStatistics();
    return end;
  },
});
