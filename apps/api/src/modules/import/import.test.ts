import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGate } from '../../testing/gate.js';
import { jpeg, patches, plain, png, writeFiles, writePatches } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';
import { untilNoticed } from '../../testing/until-noticed.js';

let server: TestServer;
/** What the encoder was given since the last look. */
let encoded = 0;
let failOn: ((count: number) => boolean) | null = null;

beforeAll(async () => {
  const model = createTestEncoder({
    onBatch: (images) => {
      if (failOn?.(images.length)) throw new Error('out of memory');
      encoded += images.length;
    },
  });
  server = await startTestServer({ model });
});
afterAll(() => server.dispose());

const folderOf = (name: string) => join(server.folder, name);

async function importing(name: string) {
  encoded = 0;
  const handle = await server.importFolder(folderOf(name));
  return { handle, job: await handle.finished() };
}

interface Ledger {
  job: {
    state: string;
    total: number;
    done: number;
    rejects: {
      totalCount: number;
      edges: { node: { path: string; state: string; code: string; reason: string } }[];
    };
    dataset: { imageCount: number; indexedCount: number; rejectedCount: number };
  };
}

async function ledgerOf(jobId: string) {
  const { data, errors } = await server.query<Ledger>(
    `query ($id: ID!) { job(id: $id) { state total done
       rejects(first: 100) { totalCount edges { node { path state code reason } } }
       dataset { imageCount indexedCount rejectedCount } } }`,
    { id: Buffer.from(`Job:${jobId}`).toString('base64') },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.job;
}

const codesOf = (ledger: Ledger['job']) =>
  Object.fromEntries(ledger.rejects.edges.map(({ node }) => [node.path, node.code]));

/** A PNG whose header promises `width × height` pixels of nothing: small on disk, vast in memory. */
function bombPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.alloc(1_000_000));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a folder full of traps', () => {
  it('is imported with a reason for each file that is not taken, and without falling', async () => {
    const folder = folderOf('traps');
    const good = await jpeg(patches(1));
    await writeFiles(folder, {
      'good.jpg': good,
      'below/deep/er/good.png': await png(patches(2)),
      'wrong-name.txt': await jpeg(patches(3)),
      'jpeg-called.png': await jpeg(patches(4)),
      '日本語 ünï 🙂.jpg': await jpeg(patches(5)),
      'copy of good.jpg': good,
      'empty.jpg': '',
      'text.jpg': 'this is no picture',
      'cut.jpg': good.subarray(0, good.length / 2),
      'bomb.png': bombPng(50_000, 50_000),
      'vector.svg': '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
      'page.html': '<html></html>',
      '.hidden.jpg': good,
      'Thumbs.db': 'clutter',
      '../outside/secret.jpg': await jpeg(patches(6)),
      '../outside/folder/other.jpg': await jpeg(patches(7)),
    });
    await symlink(join(server.folder, 'outside/secret.jpg'), join(folder, 'link-out.jpg'));
    await symlink(join(server.folder, 'outside/folder'), join(folder, 'link-to-folder'));
    await symlink(join(folder, 'good.jpg'), join(folder, 'link-in.jpg'));
    await symlink(join(folder, 'nowhere.jpg'), join(folder, 'link-broken.jpg'));
    await symlink(join(folder, 'loop.jpg'), join(folder, 'loop.jpg'));
    await symlink(folder, join(folder, 'below/around'));
    spawnSync('mkfifo', [join(folder, 'pipe.jpg')]);
    const { handle, job } = await importing('traps');
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: 19, done: 19, failed: 0, message: null });
    const ledger = await ledgerOf(handle.jobId);
    expect(codesOf(ledger)).toEqual({
      'good.jpg': 'DUPLICATE',
      'link-in.jpg': 'DUPLICATE',
      'empty.jpg': 'EMPTY_FILE',
      'text.jpg': 'NOT_AN_IMAGE',
      'cut.jpg': 'TRUNCATED',
      'bomb.png': 'TOO_LARGE',
      'vector.svg': 'UNSUPPORTED_FORMAT',
      'page.html': 'NOT_AN_IMAGE',
      'link-out.jpg': 'LINK_OUTSIDE',
      'link-to-folder': 'LINK_OUTSIDE',
      'link-broken.jpg': 'FILE_MISSING',
      'loop.jpg': 'LINK_LOOP',
      'pipe.jpg': 'NOT_A_FILE',
      'below/around': 'NOT_A_FILE',
    });
    expect(ledger.rejects.edges.every(({ node }) => node.reason.length > 5)).toBe(true);
    expect(ledger.dataset).toEqual({ imageCount: 5, indexedCount: 5, rejectedCount: 12 });
    expect(job).toMatchObject({ rejected: 12, duplicates: 2, failed: 0 });
  });

  it('fails with a message if nothing is in it, and is refused if it is no folder', async () => {
    await mkdir(folderOf('nothing'));
    expect((await importing('nothing')).job).toMatchObject({
      state: 'FAILED',
      message: expect.stringContaining('no file'),
    });
    await expect(server.importFolder(folderOf('absent'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await writeFile(folderOf('file'), 'x');
    await expect(server.importFolder(folderOf('file'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('importing again', () => {
  it('does nothing: no photo is read, encoded or stored twice', async () => {
    await writePatches(folderOf('again'), 20, 100);
    const first = await importing('again');
    expect(encoded).toBe(20);
    const second = await importing('again');
    expect(encoded).toBe(0);
    expect(second.handle.datasetId).toBe(first.handle.datasetId);
    expect(second.job).toMatchObject({
      state: 'SUCCEEDED',
      total: 20,
      done: 20,
      rejected: 0,
      duplicates: 0,
      failed: 0,
    });
    expect((await ledgerOf(second.handle.jobId)).dataset.imageCount).toBe(20);
  });

  it('takes what is new or changed and nothing else', async () => {
    const folder = folderOf('again');
    await writeFile(join(folder, 'new.jpg'), await jpeg(patches(777)));
    await writeFile(join(folder, '0100.jpg'), await jpeg(patches(778)));
    // Touched but not changed: read once more, and found to be known.
    await utimes(join(folder, '0101.jpg'), new Date(), new Date());
    const { handle, job } = await importing('again');
    expect(encoded).toBe(2);
    expect(job).toMatchObject({ total: 21, done: 21, rejected: 0, duplicates: 0 });
    expect((await ledgerOf(handle.jobId)).dataset.imageCount).toBe(22);
  });

  it('takes the vector of a photo that another dataset holds instead of encoding it again', async () => {
    await writePatches(folderOf('elsewhere'), 20, 100);
    const { handle, job } = await importing('elsewhere');
    expect(job).toMatchObject({ state: 'SUCCEEDED', done: 20 });
    // Its first picture was changed in the other folder, but the dataset keeps what it once took.
    expect(encoded).toBe(0);
    expect((await ledgerOf(handle.jobId)).dataset).toMatchObject({ imageCount: 20, indexedCount: 20 });
  });
});

describe('a dataset folder', () => {
  const line = (record: unknown) => `${JSON.stringify(record)}\n`;

  it('brings captions, class and split, and a reason for each bad line', async () => {
    const folder = folderOf('described');
    await writeFiles(folder, {
      'images/a.jpg': await jpeg(patches(201)),
      'images/b.jpg': await jpeg(patches(202)),
      'images/not-named.jpg': await jpeg(patches(203)),
      'sketch/a.png': await png(patches(204)),
      'manifest.jsonl': [
        line({
          kind: 'image',
          file: 'images/a.jpg',
          captions: ['a dog', 'zero \u0000 byte'],
          class: 'dog',
          split: 'val',
          mood: 'glad',
        }),
        line({ kind: 'query', style: 'sketch', file: 'sketch/a.png', target: 'images/a.jpg' }),
        '{"kind":"image",\n',
        line({ kind: 'image', file: 'images/b.jpg' }),
        line({ kind: 'image', file: 'images/b.jpg' }),
        line({ kind: 'image', file: '../outside/secret.jpg' }),
        line({ kind: 'image', file: 'images/missing.jpg' }),
        line({ kind: 'picture', file: 'images/a.jpg' }),
      ].join(''),
    });
    const { handle, job } = await importing('described');
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: 9, done: 9, rejected: 6 });
    expect(codesOf(await ledgerOf(handle.jobId))).toEqual({
      'manifest.jsonl:3': 'BAD_JSON',
      'manifest.jsonl:5': 'DUPLICATE_IMAGE',
      'manifest.jsonl:6': 'PATH_OUTSIDE',
      'manifest.jsonl:8': 'UNKNOWN_KIND',
      'images/missing.jpg': 'FILE_MISSING',
      'images/not-named.jpg': 'NOT_LISTED',
    });
    const photos = await imagesOf(handle.datasetId);
    expect(photos).toEqual([
      { fileName: 'images/a.jpg', captions: ['a dog', 'zero  byte'], class: 'dog', split: 'val' },
      { fileName: 'images/b.jpg', captions: [], class: null, split: null },
    ]);
  });

  it('that is imported again with other captions has them changed, and nothing encoded', async () => {
    const manifest = join(folderOf('described'), 'manifest.jsonl');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('a dog', 'a good dog'));
    const { handle } = await importing('described');
    expect(encoded).toBe(0);
    expect((await imagesOf(handle.datasetId))[0]?.captions[0]).toBe('a good dog');
  });

  async function imagesOf(datasetId: string) {
    const { data } = await server.query<{
      dataset: { images: { edges: { node: { fileName: string; captions: string[] } }[] } };
    }>(
      'query ($id: ID!) { dataset(id: $id) { images { edges { node { fileName captions class split } } } } }',
      { id: Buffer.from(`Dataset:${datasetId}`).toString('base64') },
    );
    return data?.dataset.images.edges.map(({ node }) => node) ?? [];
  }
});

describe('an encoder that fails', () => {
  it('costs only the photos that it fails on, and those can be tried again', async () => {
    await writePatches(folderOf('fragile'), 10, 300);
    await writeFile(join(folderOf('fragile'), 'wide.png'), await png(plain([1, 2, 3], 64, 8)));
    // A batch falls, and so does its odd one out when it is tried alone.
    let single = 0;
    failOn = (count) => count > 1 || ++single === 11;
    const { handle, job } = await importing('fragile');
    failOn = null;
    expect(job).toMatchObject({ state: 'SUCCEEDED', total: 11, done: 11, failed: 1 });
    expect(Object.values(codesOf(await ledgerOf(handle.jobId)))).toEqual(['ENCODER_FAILED']);
    const { data } = await server.query<{
      retryFailed: { job: { state: string; failed: number; done: number } };
    }>(
      'mutation ($id: ID!) { retryFailed(jobId: $id) { ... on RetryFailedSuccess { job { state failed done } } } }',
      { id: Buffer.from(`Job:${handle.jobId}`).toString('base64') },
    );
    expect(data?.retryFailed.job).toEqual({ state: 'QUEUED', failed: 0, done: 10 });
    expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED', total: 11, done: 11, failed: 0 });
    expect((await ledgerOf(handle.jobId)).dataset).toMatchObject({ imageCount: 11, indexedCount: 11 });
  });
});

// Servers are started and stopped here, which takes long where the machine has other work.
describe('a job', { timeout: 300_000 }, () => {
  it('that is cancelled stops after its batch, keeps what it did, and can be taken up again', async () => {
    const gate = createGate();
    const held = await startTestServer({ model: createTestEncoder({ gate }) });
    try {
      await writePatches(join(held.folder, 'held'), 150);
      const handle = await held.importFolder(join(held.folder, 'held'));
      const id = Buffer.from(`Job:${handle.jobId}`).toString('base64');
      gate.letThrough(1);
      for await (const job of handle.watch()) if (job.done > 0) break;
      await gate.arrived();
      const cancel =
        'mutation ($id: ID!) { cancelJob(id: $id) { __typename ... on ConflictError { code } } }';
      expect((await held.query(cancel, { id })).data).toEqual({
        cancelJob: { __typename: 'CancelJobSuccess' },
      });
      await untilNoticed(held, handle.jobId);
      gate.open();
      const job = await handle.finished();
      expect(job.state).toBe('CANCELLED');
      expect(job.done).toBeGreaterThan(0);
      expect(job.done).toBeLessThan(150);
      expect((await held.query(cancel, { id })).data).toEqual({
        cancelJob: { __typename: 'ConflictError', code: 'CONFLICT' },
      });
      await held.query('mutation ($id: ID!) { retryFailed(jobId: $id) { __typename } }', { id });
      expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED', done: 150, total: 150 });
    } finally {
      gate.open();
      await held.dispose();
    }
  });

  it('that is cancelled when all of its photos are in has succeeded', async () => {
    const gate = createGate();
    const held = await startTestServer({ model: createTestEncoder({ gate }) });
    try {
      await writePatches(join(held.folder, 'last'), 5, 5000);
      const handle = await held.importFolder(join(held.folder, 'last'));
      // The only batch.
      await gate.arrived();
      await held.services.jobs.cancel(handle.jobId);
      await untilNoticed(held, handle.jobId);
      gate.open();
      expect(await handle.finished()).toMatchObject({ state: 'SUCCEEDED', done: 5, total: 5 });
    } finally {
      gate.open();
      await held.dispose();
    }
  });

  it('is left unfinished by a server that stops, and is finished by the next one', async () => {
    const dataDir = join(server.folder, 'stopped');
    await writePatches(folderOf('long'), 100, 2000);
    const gate = createGate();
    const first = await startTestServer({ dataDir, model: createTestEncoder({ gate }) });
    const databaseUrl = first.databaseUrl;
    const handle = await first.importFolder(folderOf('long'));
    gate.letThrough(1);
    for await (const job of handle.watch()) if (job.done > 0) break;
    await gate.arrived();
    const closing = first.close();
    gate.open();
    await closing;
    const second = await startTestServer({ dataDir, ...(databaseUrl && { databaseUrl }) });
    try {
      expect((await second.services.jobs.byIds([handle.jobId]))[0]?.finishedAt ?? null).toBeNull();
      const again = await second.importFolder(folderOf('long'));
      expect(again.jobId).toBe(handle.jobId);
      expect(await again.finished()).toMatchObject({ state: 'SUCCEEDED', total: 100, done: 100, failed: 0 });
    } finally {
      await second.dispose();
      await first.dispose();
    }
  });

  it('gives photos the vectors of a new model by itself', async () => {
    const dataDir = join(server.folder, 'changing');
    await writePatches(folderOf('few'), 5, 3000);
    const before = await startTestServer({ dataDir });
    const databaseUrl = before.databaseUrl;
    await (await before.importFolder(folderOf('few'))).finished();
    await before.close();
    const after = await startTestServer({
      dataDir,
      model: createTestEncoder({ name: 'another space' }),
      ...(databaseUrl && { databaseUrl }),
    });
    try {
      const jobs = '{ jobs { edges { node { kind state total done } } } }';
      await expect
        .poll(async () => (await after.query(jobs)).data, { timeout: 30_000 })
        .toMatchObject({
          jobs: {
            edges: [
              { node: { kind: 'EMBED', state: 'SUCCEEDED', total: 5, done: 5 } },
              { node: { kind: 'IMPORT' } },
            ],
          },
        });
      const { data } = await after.query('{ datasets { edges { node { imageCount indexedCount } } } }');
      expect(data).toEqual({ datasets: { edges: [{ node: { imageCount: 5, indexedCount: 5 } }] } });
    } finally {
      await after.dispose();
      await before.dispose();
    }
  });
});

it.each([
  ['lies inside the imported folder', 'freestyle-data'],
  ['is named by a link that leads there', '../link'],
])('leaves out the data folder where it %s', async (_name, dataDir) => {
  const folder = folderOf('around');
  await writePatches(folder, 2, 4000);
  await mkdir(join(folder, 'linked-data'));
  await symlink(join(folder, 'linked-data'), folderOf('link')).catch(() => {});
  const inner = await startTestServer({ dataDir: join(folder, dataDir) });
  try {
    await (await inner.importFolder(folder)).finished();
    expect(await (await inner.importFolder(folder)).finished()).toMatchObject({ total: 2, done: 2 });
  } finally {
    await inner.dispose();
    await rm(folder, { recursive: true, force: true });
  }
});
