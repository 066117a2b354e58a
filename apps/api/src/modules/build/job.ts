import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { type BuildParts, buildPayload, runBuild } from './run-build.js';

export interface BuildJobParts extends BuildParts {
  refreshStatistics(): Promise<void>;
}

/** Makes query versions of a dataset's photos. */
export const buildJob = defineJobKind({
  name: 'BUILD',
  summary: 'Makes query versions of a dataset’s photos.',
  lane: 'io',
  payload: buildPayload,
  describe: ({ versions }) =>
    `Make ${versions.map(({ maker, strength }) => (strength === null ? maker : `${maker} at ${strength}`)).join(', ')}`,
  unit: 'queries',
  resume: 'Makes the versions that photos lack.',
  async run(run, parts: BuildJobParts) {
    const end = await runBuild(parts, run);
    await parts.refreshStatistics();
    return end;
  },
});
