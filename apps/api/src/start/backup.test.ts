import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePatches } from '../testing/pictures.js';
import { fileNames, search } from '../testing/search-client.js';
import {
  createTestDatabase,
  startTestServer,
  type TestServer,
  temporaryFolder,
} from '../testing/test-server.js';
import { backUp, restore } from './backup.js';

const query = { all: [{ text: 'blue and white' }] };
let server: TestServer;
let folder = '';

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer();
  await writePatches(join(server.folder, 'photos'), 20);
  await (await server.importFolder(join(server.folder, 'photos'))).finished();
}, 60_000);
afterAll(async () => {
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

it('a drill: what is restored into an empty folder answers every search as before, with its pictures', async () => {
  const before = fileNames(await search(server, query, { first: 50 }));
  const image =
    '{ datasets { edges { node { images(first: 1) { edges { node { fileUrl thumbnailUrl captions tags } } } changes { totalCount } } } } }';
  const told = (await server.query(image)).data;
  await server.close();
  const data = join(server.folder, 'data');
  const kept = join(folder, 'backup');
  const manifest = await backUp({ dataDir: data, databaseUrl: server.databaseUrl }, kept);
  expect(manifest.tables.find(({ name }) => name === 'image')?.rows).toBe(20);
  await expect(backUp({ dataDir: data, databaseUrl: server.databaseUrl }, kept)).rejects.toThrow('not empty');

  const other = await createTestDatabase();
  const options = { dataDir: join(folder, 'restored'), databaseUrl: other?.url };
  await mkdir(options.dataDir);
  await restore(kept, options);
  await expect(restore(kept, options)).rejects.toThrow('not empty');
  const again = await startTestServer(options);
  try {
    expect(fileNames(await search(again, query, { first: 50 }))).toEqual(before);
    expect((await again.query(image)).data).toEqual(told);
    const { fileUrl } = JSON.parse(JSON.stringify(told)).datasets.edges[0].node.images.edges[0].node as {
      fileUrl: string;
    };
    expect((await fetch(again.url + fileUrl)).status).toBe(200);
    // Numbers go on where they were: what comes in now is no row that was there.
    await writePatches(join(server.folder, 'more'), 3, 50);
    expect((await (await again.importFolder(join(server.folder, 'more'))).finished()).state).toBe(
      'SUCCEEDED',
    );
  } finally {
    await again.dispose();
    await other?.drop();
  }
}, 120_000);

it('what is no backup is refused in one line', async () => {
  await mkdir(join(folder, 'nothing'), { recursive: true });
  await expect(restore(join(folder, 'nothing'), { dataDir: join(folder, 'x') })).rejects.toMatchObject({
    code: 'BACKUP_IMPOSSIBLE',
  });
  expect(await readdir(folder)).not.toContain('x');
});
