import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { join } from 'node:path';
import type { EmbeddingModel } from '@freestyle/core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from '../apps/api/src/platform/net/fetch-picture.js';
import { jpeg, patches, writeFiles, writePatches } from '../apps/api/src/testing/pictures.js';
import { createTestEncoder } from '../apps/api/src/testing/test-encoder.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const WITHIN = { timeout: 60_000 } as const;
// 127.0.0.2 passes for the public internet here; 127.0.0.1 stays what it is.
const PUBLIC = '127.0.0.2';
const LOOPBACK = '127.0.0.1';
const MANY = 320;

/** What the encoder does, as a test needs it. */
const encoding = { delayMs: 0, fails: false };
let server: TestServer;
let browser: Browser;
let web = '';
let loopback = '';
let loopbackHits = 0;
const servers: Server[] = [];
const opened: Page[] = [];

beforeAll(async () => {
  const photo = await jpeg(patches(70_000));
  const answer = (onHit?: () => void) =>
    createServer((_request, response) => {
      onHit?.();
      response.end(photo);
    });
  web = `http://photos.test:${await listen(answer(), PUBLIC)}`;
  loopback = `http://${LOOPBACK}:${await listen(
    answer(() => {
      loopbackHits += 1;
    }),
    LOOPBACK,
  )}`;
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(null, [{ address: PUBLIC, family: 4 }]);
  [server, browser] = await Promise.all([
    startDashboardServer({
      model: adjustable(createTestEncoder()),
      fetcher: { lookup, isAllowed: (address) => address === PUBLIC || isPublicAddress(address) },
    }),
    launchBrowser(),
  ]);
});

afterEach(async () => {
  Object.assign(encoding, { delayMs: 0, fails: false });
  for (const page of opened.splice(0)) await page.context().close();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  for (const http of servers) await new Promise((done) => http.close(done));
});

async function listen(http: Server, host: string): Promise<number> {
  servers.push(http);
  await new Promise<void>((done) => http.listen(0, host, done));
  return (http.address() as AddressInfo).port;
}

/** The encoder, slowed down or broken while a test wants it so. */
const adjustable = (model: EmbeddingModel): EmbeddingModel => ({
  ...model,
  async encodeImages(images) {
    await new Promise((done) => setTimeout(done, encoding.delayMs));
    if (encoding.fails) throw new Error('out of memory');
    return model.encodeImages(images);
  },
});

async function open(path: string, options?: Parameters<typeof openPage>[2]): Promise<Page> {
  const page = await openPage(browser, server.url + path, options);
  opened.push(page);
  return page;
}

const folderOf = (name: string) => join(server.folder, name);
const ledger = (page: Page) => page.getByRole('list', { name: 'Imports' });

/** The figure beside a word of the legend; 0 where the word is not there. */
async function countIn(page: Page, word: string): Promise<number> {
  const items = await ledger(page).getByRole('listitem').allTextContents();
  const figures = items.map((text) => new RegExp(`^(\\d+) ${word}$`).exec(text)?.[1]);
  return Number(figures.find((figure) => figure !== undefined) ?? 0);
}

interface Stored {
  fileName: string;
  class: string | null;
}

async function photosOf(name: string): Promise<Stored[]> {
  const { data, errors } = await server.query<{
    datasets: { edges: { node: { name: string; images: { edges: { node: Stored }[] } } }[] };
  }>('{ datasets { edges { node { name images(first: 100) { edges { node { fileName class } } } } } } }');
  if (errors) throw new Error(JSON.stringify(errors));
  const dataset = data?.datasets.edges.find(({ node }) => node.name === name)?.node;
  return dataset?.images.edges.map(({ node }) => node) ?? [];
}

/** Starts the import of a folder of the server, by the form. */
async function importFolder(name: string): Promise<Page> {
  const page = await open('/datasets/import?from=folder');
  await page.getByRole('textbox', { name: 'Folder' }).fill(folderOf(name));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL('**/datasets/import?job=*');
  return page;
}

describe('from this computer', () => {
  it('files that are chosen by hand become a dataset', async () => {
    await writePatches(folderOf('two'), 2, 71_000);
    const page = await open('/datasets/import');
    const asked = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    const chooser = await asked;
    expect(chooser.isMultiple()).toBe(true);
    await chooser.setFiles(['71000.jpg', '71001.jpg'].map((name) => join(folderOf('two'), name)));
    await page.getByRole('heading', { name: /^2 files/ }).waitFor();
    const begin = page.getByRole('button', { name: 'Upload and import' });
    expect(await begin.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Name' }).fill('By hand');
    await begin.click();
    await ledger(page).getByText('2 indexed').waitFor();
    expect(await photosOf('By hand')).toMatchObject([{ fileName: '71000.jpg' }, { fileName: '71001.jpg' }]);
  });

  it('a folder that is chosen is read as it was said to be after a look at it, without its hidden files', async () => {
    const [dog, cat] = await Promise.all([72_000, 72_001].map((seed) => jpeg(patches(seed))));
    await writeFiles(folderOf('pets'), {
      'dog/a.jpg': dog ?? '',
      'cat/b.jpg': cat ?? '',
      '.cache/c.jpg': 'hidden',
    });
    const page = await open('/datasets/import');
    const asked = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    await (await asked).setFiles(folderOf('pets'));
    await page.getByRole('heading', { name: 'pets: 2 files' }).waitFor();
    await page.getByText('1 hidden or system file is not sent.').waitFor();
    await page.getByRole('switch', { name: 'Show me what the import would do' }).check();
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    const preview = page.getByRole('region', { name: 'What the import would do' });
    await preview.getByText('dog/a.jpg').waitFor();
    await preview.getByRole('combobox', { name: 'Read as' }).click();
    await page.getByRole('option', { name: 'A folder for each class' }).click();
    await preview.getByText('Classes', { exact: true }).waitFor();
    await preview.getByRole('button', { name: 'Import 2 photos' }).click();
    await ledger(page).getByText('2 indexed').waitFor();
    const stored = await photosOf('pets');
    expect(stored.map(({ class: name }) => name).sort()).toEqual(['cat', 'dog']);
  });
});

describe('from the web', () => {
  it('a list of addresses is fetched, and one that leads to this machine is refused by name, unasked', async () => {
    const page = await open('/datasets/import?from=addresses');
    const list = page.getByRole('textbox', { name: 'Addresses of pictures' });
    await list.fill(`${web}/one.jpg\n${loopback}/secret.jpg`);
    const importButton = page.getByRole('button', { name: 'Import', exact: true });
    expect(await importButton.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Name' }).fill('From the web');
    await importButton.click();
    await ledger(page).getByText('1 indexed').waitFor();
    await ledger(page).getByText('1 rejected').waitFor();
    await ledger(page).getByRole('button', { name: 'What was left out' }).click();
    const row = ledger(page)
      .getByRole('row')
      .filter({ hasText: `${loopback}/secret.jpg` });
    await row.getByText(/private/).waitFor();
    expect(await photosOf('From the web')).toHaveLength(1);
    expect(loopbackHits).toBe(0);
    expect(await barriersInEveryMode(page)).toEqual(NO_BARRIERS);
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
  });
});

describe('from a folder of the server', () => {
  it('a dry run offers one way to import, as it was looked through, and stores nothing by itself', async () => {
    await writePatches(folderOf('looked'), 3, 73_000);
    const page = await open('/datasets/import?from=folder');
    await page.getByRole('textbox', { name: 'Folder' }).fill(folderOf('looked'));
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByRole('button', { name: 'Import 3 photos' }).waitFor();
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(1);
    expect(await barriersInEveryMode(page)).toEqual(NO_BARRIERS);
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    expect(await photosOf('looked')).toEqual([]);
    await writePatches(folderOf('looked'), 1, 73_100);
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('button', { name: 'Import 4 photos' }).click();
    await ledger(page).getByText('4 indexed').waitFor();
    expect(await photosOf('looked')).toHaveLength(4);
  });
});

const hasFocus = (control: Locator) => control.evaluate((element) => element === document.activeElement);

/** Photos indexed once the batch that was under way when the job was stopped has been told too. */
async function settledCount(page: Page): Promise<number> {
  let count = await countIn(page, 'indexed');
  for (;;) {
    await page.waitForTimeout(3 * encoding.delayMs);
    const now = await countIn(page, 'indexed');
    if (now === count) return now;
    count = now;
  }
}

describe('an import at work', () => {
  it('stands still while it is paused, over a reload, goes on when resumed, and adds up after it is cancelled', async () => {
    await writePatches(folderOf('many'), MANY, 80_000);
    // Ten batches: twelve seconds for a busy browser to press a button in.
    encoding.delayMs = 1200;
    const page = await importFolder('many');
    const entry = ledger(page).getByRole('listitem').first();
    await expect.poll(() => countIn(page, 'indexed'), WITHIN).toBeGreaterThan(0);
    await entry.getByRole('button', { name: 'Pause' }).click();
    await entry.getByText('Paused', { exact: true }).waitFor();
    await expect.poll(() => hasFocus(entry.getByRole('button', { name: 'Resume' })), WITHIN).toBe(true);
    await page.reload();
    await entry.getByText('Paused', { exact: true }).waitFor();
    const still = await settledCount(page);
    expect(still).toBeLessThan(MANY);
    await page.waitForTimeout(3 * encoding.delayMs);
    expect(await countIn(page, 'indexed')).toBe(still);

    await entry.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => countIn(page, 'indexed'), WITHIN).toBeGreaterThan(still);
    await entry.getByRole('button', { name: 'Cancel' }).click();
    await entry.getByText('Cancelled', { exact: true }).waitFor();
    await expect.poll(() => hasFocus(entry), WITHIN).toBe(true);
    const indexed = await settledCount(page);
    expect(indexed).toBeLessThan(MANY);
    await expect.poll(() => countIn(page, 'to go'), WITHIN).toBe(MANY - indexed);

    encoding.delayMs = 0;
    const again = await importFolder('many');
    await ledger(again).getByText(`${MANY} indexed`).waitFor();
  });

  it('what failed can be tried again, and what was left out is a list to download with every reason', async () => {
    await writePatches(folderOf('fragile'), 3, 90_000);
    await writeFiles(folderOf('fragile'), { 'broken.jpg': 'no picture' });
    encoding.fails = true;
    const page = await importFolder('fragile');
    await ledger(page).getByText('3 failed').waitFor();
    await ledger(page).getByText('1 rejected').waitFor();
    expect(await rejectFile(page)).toEqual([
      ['90000.jpg', 'FAILED', 'ENCODER_FAILED', 'the encoder failed: out of memory'],
      ['90001.jpg', 'FAILED', 'ENCODER_FAILED', 'the encoder failed: out of memory'],
      ['90002.jpg', 'FAILED', 'ENCODER_FAILED', 'the encoder failed: out of memory'],
      ['broken.jpg', 'REJECTED', 'NOT_AN_IMAGE', expect.stringContaining('expected a JPEG')],
    ]);

    encoding.fails = false;
    await ledger(page).getByRole('button', { name: 'Try the failed again' }).click();
    await ledger(page).getByText('3 indexed').waitFor();
    await ledger(page).getByRole('button', { name: 'Try the failed again' }).waitFor({ state: 'hidden' });
    await expect.poll(() => hasFocus(ledger(page).getByRole('listitem').first()), WITHIN).toBe(true);
    await ledger(page).getByText('1 rejected').waitFor();
    expect((await rejectFile(page)).map(([path]) => path)).toEqual(['broken.jpg']);
    expect(await photosOf('fragile')).toHaveLength(3);
  });
});

/** The reject file as the browser saves it: rows without the head. */
async function rejectFile(page: Page): Promise<string[][]> {
  const asked = page.waitForEvent('download');
  await ledger(page).getByRole('link', { name: 'Download the list' }).click();
  const download = await asked;
  expect(download.suggestedFilename()).toMatch(/^rejects-.*\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  const rows = text.trim().split('\r\n').slice(1);
  return rows.map((row) => [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell ?? '')).sort();
}
