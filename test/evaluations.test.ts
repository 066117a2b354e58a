import { join } from 'node:path';
import { writeDemoGallery } from '@freestyle/scenes';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../apps/api/src/testing/build.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const PHOTOS = 24;
/** The real model judges real queries on a thread of its own. */
const MEASURED = 240_000;

let server: TestServer;
let browser: Browser;
const opened: Page[] = [];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startDashboardServer(), launchBrowser()]);
  const folder = join(server.folder, 'scenes');
  await writeDemoGallery(folder, { count: PHOTOS });
  expect((await (await server.importFolder(folder, { name: 'Scenes' })).finished()).state).toBe('SUCCEEDED');
});

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function open(path: string, options?: Parameters<typeof openPage>[2]): Promise<Page> {
  const page = await openPage(browser, server.url + path, options);
  opened.push(page);
  return page;
}

const matrix = (page: Page) => page.getByRole('region', { name: 'Matrix of evaluations by style' });
const row = (page: Page, name: RegExp) => matrix(page).getByRole('row').filter({ hasText: name });
const measured = (page: Page, name: RegExp) =>
  row(page, name)
    .getByText(/\d\.\d \[\d/)
    .first()
    .waitFor({ timeout: MEASURED });

/** Addresses of the two evaluations, the tower's first. */
const addresses: string[] = [];

describe('an analyst', () => {
  it(
    'evaluates two query encoders and reads them in one matrix',
    async () => {
      const page = await open('/evaluations');
      await page.getByRole('button', { name: `Evaluate the live model on ${PHOTOS} photos` }).click();
      await measured(page, /^freestyle-small on Scenes/);
      await page.getByRole('button', { name: 'New evaluation' }).click();
      const dialog = page.getByRole('dialog', { name: 'New evaluation' });
      await dialog.getByRole('combobox', { name: 'Query encoder' }).click();
      await page.getByRole('option', { name: /zero-shot/ }).click();
      await dialog.getByRole('button', { name: 'Evaluate' }).click();
      await measured(page, /zero-shot/);
      const heads = await matrix(page).getByRole('columnheader').allTextContents();
      expect(heads.map((head) => head.replace(/hit@1.*/, ''))).toEqual(
        expect.arrayContaining(['text', 'sketch', 'lowres']),
      );
      await page
        .getByRole('img', { name: /freestyle-small on Scenes.*%/ })
        .first()
        .waitFor();
    },
    2 * MEASURED + 60_000,
  );

  it('finds the same figures in the matrix, on the page of the evaluation and in its report', async () => {
    const page = await open('/evaluations');
    for (const name of [/^freestyle-small on Scenes v1$/, /zero-shot/]) {
      const href = await matrix(page).getByRole('link', { name }).getAttribute('href');
      addresses.push(href ?? '');
    }
    const shown = await row(page, /^freestyle-small on Scenes/)
      .getByRole('cell')
      .first()
      .textContent();
    await page.goto(server.url + addresses[0]);
    const figures = page.getByRole('region', { name: 'One photo is meant' });
    const own = await figures
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'text' }) })
      .textContent();
    const figure = /\d+\.\d \[[\d., ]+\]/;
    expect(own?.match(figure)?.[0]).toBe(shown?.match(figure)?.[0]);
    const href = await page.getByRole('link', { name: 'report.json' }).getAttribute('href');
    const report: { styles: { text: { 'hit@1': number } } } = await (await fetch(server.url + href)).json();
    expect((100 * report.styles.text['hit@1']).toFixed(1)).toBe(shown?.match(/^\D*([\d.]+)/)?.[1]);
    const html = await page.getByRole('link', { name: 'report.html' }).getAttribute('href');
    expect(await (await fetch(server.url + html)).text()).toContain('<table');
  });

  it('compares them by marking both, reads a sentence, and sends the view by its address', async () => {
    const page = await open('/evaluations');
    await measured(page, /zero-shot/);
    const boxes = await matrix(page).getByRole('checkbox', { name: /^Mark/ }).all();
    expect(boxes.length).toBe(2);
    for (const box of boxes) await box.click();
    await page.getByRole('link', { name: 'Compare 2 marked' }).click();
    await page
      .getByText(/no difference can be told|is better than|answer every query alike/)
      .first()
      .waitFor();
    const table = page.getByRole('region', { name: 'Differences' });
    await table.getByText('mean over styles').waitFor();
    await page.getByText('Lost by the second').click();
    await expect.poll(() => page.url()).toContain('side=lost');
    const colleague = await open(page.url().slice(server.url.length));
    await colleague
      .getByRole('radio', { name: 'Lost by the second', checked: true })
      .waitFor({ state: 'attached' });
    const same = colleague.getByRole('region', { name: 'Differences' });
    await same.getByText('mean over styles').waitFor();
    expect(await same.textContent()).toBe(await table.textContent());
  });

  it('looks at failures, goes to a photo by a click, and calls a label wrong under his name', async () => {
    const page = await open(addresses[0] ?? '');
    const card = page.getByRole('article').first();
    await card.getByRole('img', { name: /^Meant/ }).waitFor();
    await card.getByRole('button', { name: 'This label is wrong' }).click();
    await card.getByText(/^Label called wrong by /).waitFor();
    await page.reload();
    await page.getByText(/^Label called wrong by /).waitFor();
    await page.getByRole('article').first().getByRole('link').first().click();
    await expect.poll(() => page.url()).toMatch(/\/datasets\/.+\/photos\/.+/);
  });

  it.each([
    ['evaluations', () => '/evaluations'],
    ['an evaluation', () => addresses[0] ?? ''],
    [
      'a comparison',
      () =>
        `/evaluations/compare?${new URLSearchParams(
          addresses.map((path) => ['run', decodeURIComponent(path.split('/').at(-1) ?? '')]),
        )}`,
    ],
  ])(
    '%s: no serious barrier in light, dark and on a phone, where nothing is wider than the screen',
    async (_, path) => {
      const page = await open(path());
      await page.getByRole('table').first().waitFor();
      expect(await barriersInEveryMode(page)).toEqual(NO_BARRIERS);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    },
  );
});
