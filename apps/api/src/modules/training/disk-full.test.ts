import { spawnSync } from 'node:child_process';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDemoGallery } from '@freestyle/scenes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { asked, endOf, globalId, mutate } from '../../testing/model-client.js';
import { startTestServer, type TestServer, temporaryFolder } from '../../testing/test-server.js';
import { openModel } from '../model/open-model.js';
import { toldOfDisk } from './compute.js';

let server: TestServer;
let disk = '';
/** A small disk in memory takes the right to mount one. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && (await tryMount());

async function tryMount(): Promise<boolean> {
  const folder = await temporaryFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  await rm(folder, { recursive: true, force: true });
  return mounted;
}

beforeAll(async () => {
  if (!canMount) return;
  ensureBuilt();
  server = await startTestServer({
    model: await openModel('freestyle-small', 'cpu'),
    modelName: 'freestyle-small',
  });
  disk = join(server.folder, 'data', 'trainings');
  await mkdir(disk, { recursive: true });
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk]);
}, 300_000);
afterAll(async () => {
  if (disk !== '') spawnSync('umount', ['-l', disk]);
  await server?.dispose();
});

it('an error of a full disk is told as one, any other as it is', () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  expect(toldOfDisk(full)).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('checkpoint stands'),
  });
  const other = new Error('another');
  expect(toldOfDisk(other)).toBe(other);
});

it.skipIf(!canMount)(
  'a disk that fills during a training ends it with a clear error, and it goes on from its checkpoint',
  async () => {
    const scenes = join(server.folder, 'scenes');
    await writeDemoGallery(scenes, { count: 14 });
    const handle = await server.importFolder(scenes, { name: 'scenes' });
    await handle.finished();
    const started = await mutate(
      server,
      `startTraining(input: { datasetId: "${globalId('Dataset', handle.datasetId)}", method: LINEAR, steps: 200, validateEvery: 2, patience: 1000,
        batch: 4, validationPerStyle: 2, unseenPerStyle: 0 })`,
      '... on StartTrainingSuccess { training { id } job { id } }',
    );
    const job = started.job?.id;
    const logOf = async () =>
      (
        await asked<{ job: { log: { edges: { node: { text: string } }[] } } }>(
          server,
          'query ($id: ID!) { job(id: $id) { log(last: 100) { edges { node { text } } } } }',
          { id: job },
        )
      ).job.log.edges.map(({ node }) => node.text);
    await expect.poll(logOf, { timeout: 120_000 }).toContain('Checkpoint after step 2.');
    await fill(join(disk, 'filler'));
    const failed = await endOf(server, job);
    expect(failed).toMatchObject({ state: 'FAILED', error: { code: 'DISK_FULL' } });
    await rm(join(disk, 'filler'));
    const { training } = started as unknown as { training: { id: string } };
    await mutate(
      server,
      `continueTraining(trainingId: "${training.id}")`,
      '... on ContinueTrainingSuccess { job { id } }',
    );
    expect(await endOf(server, job)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await logOf()).some((text) => /^Goes on after step \d+\./.test(text))).toBe(true);
    expect((await readdir(join(server.folder, 'data', 'registry', 'models'))).length).toBe(1);
  },
  600_000,
);

/** Writes until nothing more goes on the disk. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [1 << 20, 1 << 12, 1])
      for (;;)
        if ((await file.write(new Uint8Array(size)).catch(() => ({ bytesWritten: 0 }))).bytesWritten < size)
          break;
  } finally {
    await file.close();
  }
}
