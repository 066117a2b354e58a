import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { encodeJpeg } from '@freestyle/core';
import type { Scene } from '@freestyle/scenes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, sceneFile, writeSceneFolder } from './support/scene-folder.js';
import {
  graphql,
  killStarted,
  type StartedProduct,
  startProduct,
  startScript,
  temporaryFolder,
} from './support/start-script.js';

const PHOTOS = 60;
const MODEL = process.env.FREESTYLE_TEST_MODEL ?? 'freestyle-small';

const SEARCH = `query Search($query: SearchQueryInput!, $first: Int) {
  search(query: $query, first: $first) { galleryCount edges { score node { fileName } } }
}`;
const JOBS = '{ jobs(first: 10) { edges { node { state done total rejected duplicates failed } } } }';

let home: Awaited<ReturnType<typeof temporaryFolder>>;
let scenes: Scene[];
let photos: string;

beforeAll(async () => {
  home = await temporaryFolder();
  photos = join(home.path, 'photos');
  scenes = await writeSceneFolder(photos, PHOTOS);
});

afterAll(async () => {
  killStarted();
  await home?.remove();
});

describe('a start on a folder of photos', () => {
  let product: StartedProduct;
  let url: string;
  const dataDir = () => join(home.path, 'data');

  beforeAll(async () => {
    product = startProduct({ folder: photos, dataDir: dataDir(), model: MODEL });
    url = await product.url();
    await product.ready();
  });

  it('prints both addresses, that no other machine can reach it, and what was imported', async () => {
    expect(product.output()).toContain(`${url}/graphql`);
    expect(product.output()).toMatch(/loopback only/);
    expect(product.output()).toMatch(/60 photos in \d+ s/);
  });

  it('serves the dashboard and the API on one port', async () => {
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Freestyle');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await imageCount(url)).toBe(PHOTOS);
  });

  it('finds a photo by itself, first of all', async () => {
    const [scene] = scenes;
    if (!scene) throw new Error('no scene');
    expect((await search(url, { image: { base64: await base64(scene.image) } }, 5))[0]).toBe(sceneFile(0));
  });

  it('finds photos by a thumbnail, by a sketch and by words far more often than by chance', async () => {
    const by = async (part: (scene: Scene) => Promise<object>) => {
      const asked = scenes;
      const found = await Promise.all(
        asked.map(async (scene, i) => (await search(url, await part(scene), 10)).includes(sceneFile(i))),
      );
      return found.filter(Boolean).length / asked.length;
    };
    const hits = {
      lowres: await by(async ({ lowres }) => ({ image: { base64: await base64(lowres) }, style: 'LOWRES' })),
      sketch: await by(async ({ sketch }) => ({ image: { base64: await base64(sketch) }, style: 'SKETCH' })),
      text: await by(async ({ captions }) => ({ text: captions[0] })),
    };
    // By chance it would be 10 of 60 photos, one in six; more than 18 of 60 comes by chance less than once in 200 times.
    expect(hits.lowres).toBeGreaterThan(0.6);
    expect(hits.sketch).toBeGreaterThan(0.3);
    expect(hits.text).toBeGreaterThan(0.3);
  });

  it('ends cleanly on Ctrl-C, and starts again in seconds with every photo there once', async () => {
    product.kill('SIGINT');
    expect(await product.ended).toEqual({ code: 0, signal: null });
    expect(product.errors()).toBe('');
    const started = performance.now();
    const again = startProduct({ folder: photos, dataDir: dataDir(), model: MODEL });
    await again.ready();
    const seconds = (performance.now() - started) / 1000;
    expect(await imageCount(await again.url())).toBe(PHOTOS);
    again.kill('SIGTERM');
    expect((await again.ended).code).toBe(0);
    // On an idle machine about four; a build or an installation would take minutes even there.
    expect(seconds).toBeLessThan(60);
  });
});

describe('a start after a kill in the middle of an import', () => {
  it('goes on with it, every photo is there once, and nothing temporary is left', async () => {
    const folder = join(home.path, 'many');
    const total = await writeVariants(folder, 5);
    const dataDir = join(home.path, 'killed');
    const temporary = join(home.path, 'temporary');
    await mkdir(temporary);
    const leftBehind = async () => (await readdir(temporary)).filter((name) => name.startsWith('freestyle-'));
    const first = startProduct({ folder, dataDir, model: MODEL, temporary });
    const url = await first.url();
    for (let done = 0; done === 0; ) done = (await latestJob(url))?.done ?? 0;
    first.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');

    expect(await leftBehind()).toHaveLength(1);

    const second = startProduct({ dataDir, model: MODEL, temporary });
    const again = await second.url();
    const left = (await latestJob(again))?.done ?? 0;
    await second.ready();
    expect(await imageCount(again)).toBe(total);
    expect(await fileNames(again)).toHaveLength(total);
    expect(new Set(await fileNames(again)).size).toBe(total);
    expect(await latestJob(again)).toMatchObject({
      state: 'SUCCEEDED',
      done: total,
      failed: 0,
      duplicates: 0,
    });
    // Else the kill came too late to mean anything.
    expect(left).toBeLessThanOrEqual(total);
    second.kill('SIGINT');
    expect((await second.ended).code).toBe(0);
    expect(await leftBehind()).toEqual([]);
  });
});

describe('what stands in the way of a start is told in one line, with a code that is not 0', () => {
  async function failure(args: string[]): Promise<string> {
    const run = startScript(args);
    expect((await run.ended).code).not.toBe(0);
    const lines = run.errors().trim().split('\n');
    expect(lines).toHaveLength(1);
    return lines[0] ?? '';
  }
  const data = () => ['--data', join(home.path, 'unused'), '--port', '0', '--model', MODEL];

  it('a busy port', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await failure([photos, '--port', String(port)])).toMatch(
      new RegExp(`port ${port} is in use.*--port`),
    );
    await new Promise((done) => other.close(done));
  });

  it('a folder that is not there', async () => {
    expect(await failure(['/nowhere/at/all'])).toContain('there is no folder /nowhere/at/all');
  });

  it('a file instead of a folder', async () => {
    expect(await failure([join(photos, sceneFile(0))])).toContain('is not a folder');
  });

  it('an empty folder, and one with no photo in it', async () => {
    const empty = join(home.path, 'empty');
    await mkdir(empty, { recursive: true });
    expect(await failure([empty, ...data()])).toMatch(/no photo in .*empty: it holds no file/);
    await writeFile(join(empty, 'notes.txt'), 'no photo');
    await writeFile(join(empty, 'named-like.jpg'), 'no photo either');
    expect(await failure([empty, ...data()])).toMatch(/no photo in .*none of its 2 files/);
  });

  // To the administrator no folder is closed.
  it.skipIf(process.getuid?.() === 0)('a folder whose photos lie in one that cannot be read', async () => {
    const outer = join(home.path, 'outer');
    const closed = join(outer, 'closed');
    await mkdir(closed, { recursive: true, mode: 0o000 });
    expect(await failure([outer, ...data()])).toMatch(/no photo in .*closed cannot be read/);
  });

  it('photos that are all broken', async () => {
    const broken = join(home.path, 'broken');
    await mkdir(broken, { recursive: true });
    await writeFile(join(broken, 'cut.jpg'), Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16));
    expect(await failure([broken, ...data()])).toMatch(/no usable photo in .*cut\.jpg/);
  });

  it('a model that nobody knows', async () => {
    const line = await failure([
      photos,
      '--port',
      '0',
      '--data',
      join(home.path, 'unused'),
      '--model',
      'no-such',
    ]);
    expect(line).toMatch(/no-such.*freestyle-small/);
  });

  it('a provider that is not here', async () => {
    expect(await failure([photos, ...data(), '--provider', 'tpu'])).toContain('auto, cpu, cuda, webgpu');
  });

  it('a data folder that another run uses', async () => {
    const dataDir = join(home.path, 'shared');
    const first = startProduct({ folder: photos, dataDir, model: MODEL });
    await first.ready();
    expect(await failure(['--port', '0', '--data', dataDir, '--model', MODEL])).toMatch(/in use.*--data/);
    first.kill('SIGINT');
    await first.ended;
  });

  it('a word that is no option', async () => {
    expect(await failure(['--prot', '1'])).toMatch(/--prot.*--help/);
  });

  afterAll(() => rm(join(home.path, 'unused'), { recursive: true, force: true }));
});

it('--help lists the options and starts nothing', async () => {
  const run = startScript(['--help']);
  expect((await run.ended).code).toBe(0);
  for (const flag of ['--port', '--host', '--data', '--model', '--provider'])
    expect(run.output()).toContain(flag);
});

async function search(url: string, part: object, first: number): Promise<string[]> {
  const { search } = await graphql<{ search: { edges: { node: { fileName: string } }[] } }>(url, SEARCH, {
    query: { all: [part] },
    first,
  });
  return search.edges.map(({ node }) => node.fileName);
}

async function imageCount(url: string): Promise<number> {
  const query = '{ datasets(first: 10) { edges { node { imageCount indexedCount } } } }';
  const { datasets } = await graphql<{ datasets: { edges: { node: { indexedCount: number } }[] } }>(
    url,
    query,
  );
  return datasets.edges.reduce((sum, { node }) => sum + node.indexedCount, 0);
}

interface FilePage {
  readonly edges: { readonly node: { readonly fileName: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const FILES = `query Files($after: String) { datasets(first: 1) { edges { node {
  images(first: 100, after: $after) { edges { node { fileName } } pageInfo { hasNextPage endCursor } } } } } }`;

async function filePage(url: string, after: string | null): Promise<FilePage | undefined> {
  type Answer = { datasets: { edges: { node: { images: FilePage } }[] } };
  return (await graphql<Answer>(url, FILES, { after })).datasets.edges[0]?.node.images;
}

async function fileNames(url: string): Promise<string[]> {
  const names: string[] = [];
  let page = await filePage(url, null);
  while (page) {
    names.push(...page.edges.map(({ node }) => node.fileName));
    page = page.pageInfo.hasNextPage ? await filePage(url, page.pageInfo.endCursor) : undefined;
  }
  return names;
}

interface JobRow {
  readonly state: string;
  readonly done: number;
  readonly total: number | null;
}

async function latestJob(url: string): Promise<JobRow | undefined> {
  return (await graphql<{ jobs: { edges: { node: JobRow }[] } }>(url, JOBS)).jobs.edges[0]?.node;
}

/** The scenes in several qualities: many different files, quickly made. @returns how many. */
async function writeVariants(folder: string, variants: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  for (const [i, scene] of scenes.entries()) {
    for (let variant = 0; variant < variants; variant++) {
      await writeFile(join(folder, `${i}-${variant}.jpg`), await encodeJpeg(scene.image, 60 + 7 * variant));
    }
  }
  return scenes.length * variants;
}
