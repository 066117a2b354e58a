import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../platform/jobs/job-repository.js';

const LOOK_MS = 50;

/** Waits until the worker of a job has heard what was asked of it: it hears at each sign of life. The second one after
 *  now was given when the answer to the first had been heard. */
export async function untilNoticed(
  { services }: { readonly services: { readonly jobs: { byIds(ids: readonly string[]): Promise<Job[]> } } },
  jobId: string,
): Promise<void> {
  const beat = async () => (await services.jobs.byIds([jobId]))[0]?.heartbeatAt?.getTime() ?? 0;
  for (let round = 0; round < 2; round++) {
    const before = await beat();
    while ((await beat()) === before) await sleep(LOOK_MS);
  }
}

/** The row id behind a global id. */
export const rowIdOf = (globalId: string): string =>
  Buffer.from(globalId, 'base64').toString('utf8').split(':')[1] ?? '';
