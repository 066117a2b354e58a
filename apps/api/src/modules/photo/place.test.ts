import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePatches } from '../../testing/pictures.js';
import { startTestServer, type TestServer } from '../../testing/test-server.js';

const PHOTOS = 25;

let server: TestServer;
let datasetId: string;

type Node = { id: string };
type Images = {
  images: { edges: { cursor: string; node: Node }[]; pageInfo: Record<string, boolean | string | null> };
};
type Place = { index: number | null; total: number; previous: Node | null; next: Node | null };

beforeAll(async () => {
  server = await startTestServer();
  const folder = join(server.folder, 'patches');
  await writePatches(folder, PHOTOS);
  await (await server.importFolder(folder)).finished();
  const { data } = await server.query<{ datasets: { edges: { node: Node }[] } }>(
    '{ datasets(first: 1) { edges { node { id } } } }',
  );
  datasetId = data?.datasets.edges[0]?.node.id ?? '';
});

afterAll(() => server?.dispose());

async function images(args: string) {
  const { data, errors } = await server.query<{ dataset: Images | null }>(
    `query ($id: ID!) { dataset(id: $id) { images(${args}) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } } }`,
    { id: datasetId },
  );
  return { page: data?.dataset?.images, errors };
}

const ids = (page: Images['images'] | undefined) => page?.edges.map(({ node }) => node.id) ?? [];

async function place(imageId: string | undefined, filter: Record<string, unknown> = {}) {
  const { data, errors } = await server.query<{ dataset: { imagePlace: Place | null } }>(
    `query ($id: ID!, $imageId: ID!, $filter: ImageFilter) { dataset(id: $id) {
      imagePlace(imageId: $imageId, filter: $filter) { index total previous { id } next { id } } } }`,
    { id: datasetId, imageId, filter },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.dataset.imagePlace ?? null;
}

describe('leaping into a list', () => {
  it('gives the page that walking there would give, and cursors that lead on from it', async () => {
    const all = ids((await images('first: 100')).page);
    const { page } = await images('first: 7, offset: 10');
    expect(ids(page)).toEqual(all.slice(10, 17));
    expect(page?.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const after = await images(`first: 100, after: "${page?.edges.at(-1)?.cursor}"`);
    expect(ids(after.page)).toEqual(all.slice(17));
  });

  it('ends with the last photo, and behind it there is nothing', async () => {
    const all = ids((await images('first: 100')).page);
    expect(ids((await images(`first: 7, offset: ${PHOTOS - 2}`)).page)).toEqual(all.slice(-2));
    expect(ids((await images(`first: 7, offset: ${PHOTOS}`)).page)).toEqual([]);
    expect(ids((await images('first: 7, offset: 2000000')).page)).toEqual([]);
    expect(ids((await images('first: 7, offset: 0')).page)).toEqual(all.slice(0, 7));
  });

  it('is refused with a cursor, backwards, and before the beginning', async () => {
    const { page } = await images('first: 1');
    for (const args of [
      `first: 1, offset: 3, after: "${page?.edges[0]?.cursor}"`,
      'last: 1, offset: 3',
      'offset: -1',
    ]) {
      const { errors } = await images(args);
      expect(errors?.[0]?.message, args).toContain('offset');
    }
  });
});

describe('a photo’s place', () => {
  it('names the photos beside it, and none beyond the ends', async () => {
    const all = ids((await images('first: 100')).page);
    for (const index of [0, 11, PHOTOS - 1]) {
      expect(await place(all[index])).toEqual({
        index,
        total: PHOTOS,
        previous: index === 0 ? null : { id: all[index - 1] },
        next: index === PHOTOS - 1 ? null : { id: all[index + 1] },
      });
    }
  });

  it('keeps its neighbours where the filter leaves the photo itself out', async () => {
    const all = ids((await images('first: 100')).page);
    const change = `mutation ($input: ChangeImagesInput!) { changeImages(input: $input) { __typename } }`;
    const others = all.filter((_, index) => index !== 11);
    await server.query(change, { input: { selection: { datasetId, ids: others }, addTags: ['kept'] } });
    expect(await place(all[11], { tags: ['kept'] })).toEqual({
      index: null,
      total: PHOTOS - 1,
      previous: { id: all[10] },
      next: { id: all[12] },
    });
  });

  it('is none for what is no photo of the dataset', async () => {
    expect(
      await place(Buffer.from('Image:00000000-0000-7000-8000-000000000000').toString('base64')),
    ).toBeNull();
  });
});
