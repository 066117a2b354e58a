import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../apps/api/src/testing/build.js';
import { jpeg, patches } from '../apps/api/src/testing/pictures.js';
import { copyTemplate, temporaryFolder } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { dropFromDisk, openPage, seriousBarriers, sidewaysOverflow } from './support/browser-page.js';
import { createKillableServer, type KillableServer } from './support/killable-server.js';
import { graphql } from './support/start-script.js';

const FILES = 3000;
/** A busy machine needs its time; what does not come at all still fails. */
const WITHIN = { timeout: 240_000, interval: 100 } as const;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;

let home = '';
let server: KillableServer;
let browser: Browser;
const opened: Page[] = [];

beforeAll(async () => {
  ensureBuilt();
  home = await temporaryFolder();
  await copyTemplate(join(home, 'data'));
  // Long enough a batch that there is a middle of the import to be killed in.
  server = await createKillableServer(join(home, 'data'), 60);
  [browser] = await Promise.all([launchBrowser(), server.start(), writeFolder('holidays', FILES)]);
}, 600_000);
afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser?.close();
  await server?.kill();
  await rm(home, { recursive: true, force: true });
});

/** Small pictures, each another one, in folders below each other. */
async function writeFolder(name: string, count: number, from = 0): Promise<void> {
  for (let i = 0; i < count; i++) {
    const folder = join(home, name, `day ${Math.floor(i / 500)}`);
    if (i % 500 === 0) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${String(i).padStart(4, '0')}.jpg`), await jpeg(patches(from + i)));
  }
}

async function open(path: string, options?: Parameters<typeof openPage>[2]): Promise<Page> {
  const page = await openPage(browser, server.url + path, options);
  page.on('dialog', (dialog) => void dialog.accept());
  opened.push(page);
  return page;
}

const ZONE = '[data-drop-zone]';
const uploadCard = (page: Page) => page.getByRole('region', { name: 'Upload' });
const numberIn = (text: string | null, pattern: RegExp) =>
  Number((pattern.exec(text ?? '')?.[1] ?? '0').replaceAll(',', ''));

/** Files that have arrived, as the page says it; all of them once it has gone on to the import. */
async function sentCount(page: Page): Promise<number> {
  if (new URL(page.url()).searchParams.has('job')) return FILES;
  return numberIn(await uploadCard(page).textContent(), /([\d,]+) of [\d,]+ files/);
}

const indexedCount = async (page: Page) =>
  numberIn(await page.getByRole('list', { name: 'Imports' }).textContent(), /([\d,]+) indexed/);

interface Outcome {
  jobs: { edges: { node: { state: string; total: number; done: number; states: object[] } }[] };
  datasets: { edges: { node: { name: string; imageCount: number; indexedCount: number } }[] };
}
const OUTCOME = `{ jobs(kinds: [IMPORT]) { edges { node { state total done states { value count } } } }
  datasets { edges { node { name imageCount indexedCount } } } }`;

it('a folder of 3,000 files that is dropped arrives and is imported to the last file by itself, although the server is killed in the middle of both', async () => {
  const page = await open('/datasets/import');
  await page.locator(ZONE).first().waitFor();
  expect(await seriousBarriers(page)).toEqual([]);
  await dropFromDisk(page, ZONE, join(home, 'holidays'));
  await page.getByRole('heading', { name: `holidays: 3,000 files` }).waitFor();
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('holidays');
  expect(await seriousBarriers(page)).toEqual([]);
  // Tells a page that was loaded anew from one that never went away.
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  await page.getByRole('button', { name: 'Upload and import' }).click();

  await expect.poll(() => sentCount(page), WITHIN).toBeGreaterThan(300);
  await server.kill();
  expect(await sentCount(page)).toBeLessThan(FILES);
  await page.getByText('The server is not there').waitFor();
  expect(await seriousBarriers(page)).toEqual([]);
  await server.start();

  await page.waitForURL('**/datasets/import?job=*', { timeout: WITHIN.timeout });
  await expect.poll(() => indexedCount(page), WITHIN).toBeGreaterThan(100);
  await server.kill();
  const atDeath = await indexedCount(page);
  expect(atDeath).toBeLessThan(FILES);
  await server.start();

  await page.getByText('3,000 indexed').first().waitFor({ timeout: WITHIN.timeout });
  await page.getByText('Done').first().waitFor();
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await graphql<Outcome>(server.url, OUTCOME)).toEqual({
    jobs: {
      edges: [
        {
          node: {
            state: 'SUCCEEDED',
            total: FILES,
            done: FILES,
            states: [{ value: 'EMBEDDED', count: FILES }],
          },
        },
      ],
    },
    datasets: { edges: [{ node: { name: 'holidays', imageCount: FILES, indexedCount: FILES } }] },
  });
}, 600_000);

it('after a reload in the middle of an upload the same folder dropped again sends only what is missing', async () => {
  await writeFolder('again', 400, 10_000);
  const page = await open('/datasets/import');
  await dropFromDisk(page, ZONE, join(home, 'again'));
  await page.getByRole('button', { name: 'Upload and import' }).click();
  await expect.poll(() => sentCount(page), WITHIN).toBeGreaterThan(30);
  await page.getByRole('button', { name: 'Pause' }).first().click();
  await uploadCard(page).getByText('Paused').waitFor();
  const before = await sentCount(page);
  expect(before).toBeLessThan(400);

  await page.reload();
  const left = page.getByRole('listitem').filter({ hasText: 'again' });
  await left.getByText(/of 400 files have arrived/).waitFor();
  const there = numberIn(await left.textContent(), /([\d,]+) of 400/);
  expect(there).toBeGreaterThanOrEqual(before);
  let posts = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/incoming')) posts += 1;
  });
  await dropFromDisk(page, `[data-upload] ${ZONE}`, join(home, 'again'));
  await page.getByText('400 indexed').first().waitFor({ timeout: WITHIN.timeout });
  expect(posts).toBe(400 - there);
}, 600_000);

it('a dry run says what an import would do before anything is stored, and fits a phone', async () => {
  await mkdir(join(home, 'classes/dog'), { recursive: true });
  await writeFile(join(home, 'classes/dog/a.jpg'), await jpeg(patches(20_000)));
  await writeFile(join(home, 'classes/dog/broken.jpg'), 'no picture');
  const page = await open('/datasets/import?from=folder', PHONE);
  await page.getByRole('textbox', { name: 'Folder' }).fill(join(home, 'classes'));
  await page.getByRole('button', { name: 'Show what it would do' }).click();
  const preview = page.getByRole('region', { name: 'What the import would do' });
  await preview.getByText('broken.jpg').first().waitFor();
  await preview.getByRole('button', { name: /^Import \d+ photos?/ }).waitFor();
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await sidewaysOverflow(page)).toBe(0);
  const { datasets } = await graphql<Outcome>(server.url, OUTCOME);
  expect(datasets.edges.map(({ node }) => node.name)).not.toContain('classes');
}, 300_000);
