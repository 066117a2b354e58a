import { z } from 'zod';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { type EmbedParts, runEmbed } from './run-embed.js';

export interface EmbedJobParts extends EmbedParts {
  /** Makes or updates the index over the vectors, after the bulk load: faster, and a better index. */
  ensureIndex(): Promise<void>;
  refreshStatistics(): Promise<void>;
}

/** Encodes the photos that the live model's space lacks. */
export const embedJob = defineJobKind({
  name: 'EMBED',
  summary: 'Gives the live model’s vectors to photos that have none.',
  lane: 'compute',
  payload: z.object({}),
  describe: () => 'Encode photos for the live model',
  unit: 'photos',
  resume: 'Looks for the photos that have no vector yet.',
  exclusive: () => 'embed',
  async run(run, parts: EmbedJobParts) {
    const end = await runEmbed(parts, run);
    await parts.ensureIndex();
    await parts.refreshStatistics();
    return end;
  },
});
