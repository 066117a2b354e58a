import { join } from 'node:path';
import { writeDemoGallery } from '@freestyle/scenes';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../apps/api/src/testing/build.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const WITHIN = { timeout: 90_000 } as const;

let server: TestServer;
let browser: Browser;
const opened: Page[] = [];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startDashboardServer(), launchBrowser()]);
  const folder = join(server.folder, 'scenes');
  await writeDemoGallery(folder, { count: 30 });
  await (await server.importFolder(folder, { name: 'scenes' })).finished();
}, 600_000);
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

const columns = (page: Page) =>
  page.getByRole('region', { name: 'Clusters', exact: true }).getByRole('article');
const column = (page: Page, name: string) =>
  columns(page).filter({ has: page.getByRole('heading', { name, exact: true }) });
const names = async (page: Page) => columns(page).getByRole('heading', { level: 3 }).allTextContents();
const edits = (page: Page) => page.getByRole('region', { name: 'Edits', exact: true });
const chosen = (page: Page) => page.getByRole('complementary', { name: 'Chosen pictures' });
const map = (page: Page, name: string) => page.getByRole('application', { name });

/** Draws a line round shares of a map. */
async function lasso(
  page: Page,
  surface: Locator,
  shares: readonly (readonly [number, number])[],
): Promise<void> {
  await surface.scrollIntoViewIfNeeded();
  const box = await surface.boundingBox();
  if (!box) throw new Error('The map is not on the page.');
  const at = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  const [first, ...rest] = shares;
  if (!first) return;
  await page.mouse.move(...at(first));
  await page.mouse.down();
  for (const share of rest) await page.mouse.move(...at(share), { steps: 5 });
  await page.mouse.up();
}

const count = async (page: Page): Promise<number> =>
  Number(
    /^([\d,]+) picture/
      .exec((await chosen(page).getByRole('heading').textContent()) ?? '')?.[1]
      ?.replace(',', '') ?? 0,
  );

async function edit(page: Page, cluster: string, item: string): Promise<void> {
  await column(page, cluster)
    .getByRole('button', { name: `Edit ${cluster}`, exact: true })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

describe('styles, from an empty page', () => {
  it('a space is built by one button, a cluster renamed, two merged, one split; the effect is shown, saved, and a lasso lights up both maps', async () => {
    const page = await open('/styles');
    await page.getByRole('button', { name: /^Build a style space from 30 photos/ }).click();
    await page.waitForURL(/\/styles\/./);
    await page.getByRole('application', { name: 'Style' }).waitFor({ timeout: 180_000 });
    await page.locator('canvas').first().waitFor();

    // Four clusters to work on, whatever number is suggested for so few pictures.
    await page.goto(`${server.url}/styles`);
    await page.getByRole('button', { name: 'Build a style space', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Build a style space' });
    await dialog.getByLabel('Clusters (K)').fill('4');
    await dialog.getByLabel('Name').fill('Four styles');
    await dialog.getByRole('button', { name: 'Build', exact: true }).click();
    await page.getByRole('heading', { name: 'Four styles' }).waitFor();
    await columns(page).nth(3).waitFor({ timeout: 180_000 });
    const [a = '', b = '', c = ''] = await names(page);

    await edit(page, a, 'Name and colour…');
    await page.getByLabel('Name').fill('By hand');
    await page.getByRole('button', { name: 'Apply' }).click();
    await column(page, 'By hand').waitFor();
    await expect.poll(() => edits(page).textContent(), WITHIN).toContain('1 edit, not saved');

    await page.getByRole('checkbox', { name: `Mark ${b} to merge`, exact: true }).check();
    await page.getByRole('checkbox', { name: `Mark ${c} to merge`, exact: true }).check();
    await page.getByRole('button', { name: 'Merge 2 marked' }).click();
    await expect.poll(() => columns(page).count(), WITHIN).toBe(3);

    await edit(page, 'By hand', 'Split into 2');
    await expect.poll(() => names(page), WITHIN).toContain('By hand 2');
    await edits(page).getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => names(page), WITHIN).not.toContain('By hand 2');
    await edit(page, 'By hand', 'Split into 2');
    await expect.poll(() => names(page), WITHIN).toContain('By hand 2');

    await edits(page).getByRole('button', { name: 'Measure the effect' }).click();
    const effect = edits(page).getByRole('region', { name: 'Effect on recall' });
    await effect.waitFor({ timeout: 180_000 });
    expect(await effect.getByRole('row').count()).toBeGreaterThan(2);
    await expect.poll(() => edits(page).textContent(), WITHIN).toMatch(/quer(y|ies) changes? cluster/);

    await edits(page).getByRole('button', { name: 'Save as version 2' }).click();
    await expect.poll(() => edits(page).count(), WITHIN).toBe(0);
    await page
      .getByText(/version 2/)
      .first()
      .waitFor();
    expect(new Set(await names(page))).toContain('By hand 2');

    await lasso(page, map(page, 'Style'), [
      [0.02, 0.02],
      [0.98, 0.02],
      [0.98, 0.98],
      [0.02, 0.98],
      [0.02, 0.5],
    ]);
    const all = await count(page);
    expect(all).toBeGreaterThan(60);
    await page.getByText('Rectangle', { exact: true }).click();
    await lasso(page, map(page, 'Meaning'), [
      [0.01, 0.01],
      [0.5, 0.99],
    ]);
    const half = await count(page);
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(all);
    await expect
      .poll(() => chosen(page).getByRole('button', { pressed: true }).count(), WITHIN)
      .toBeGreaterThan(0);
  }, 900_000);

  it('a picture is moved by keyboard, in the table as on the map, and the second window is told that it was overtaken', async () => {
    const page = await open('/styles');
    await page.getByRole('link', { name: 'Four styles' }).click();
    await columns(page).first().waitFor({ timeout: 60_000 });
    const other = await open(new URL(page.url()).pathname);
    await columns(other).first().waitFor({ timeout: 60_000 });
    const [a = '', b = ''] = await names(page);

    await map(page, 'Style').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => count(page), WITHIN).toBeGreaterThan(60);
    await page.keyboard.press('Escape');
    await expect.poll(() => count(page), WITHIN).toBe(0);
    await page.getByText('Table', { exact: true }).click();
    await page.getByRole('checkbox', { name: 'Choose picture 1', exact: true }).check();
    await chosen(page).getByRole('combobox', { name: 'Move the chosen pictures to' }).click();
    await page.getByRole('option', { name: b, exact: true }).click();
    await expect.poll(() => edits(page).textContent(), WITHIN).toContain(`1 picture moved to “${b}”`);

    await edit(other, a, 'Name and colour…');
    await other.getByLabel('Name').fill('Overtaken');
    await other.getByRole('button', { name: 'Apply' }).click();
    await column(other, 'Overtaken').waitFor();
    await edits(page)
      .getByRole('button', { name: /^Save as version/ })
      .click();
    await expect.poll(() => edits(page).count(), WITHIN).toBe(0);
    await edits(other)
      .getByRole('button', { name: /^Save as version/ })
      .click();
    await edits(other)
      .getByRole('button', { name: /^Take them over to version 3/ })
      .click();
    await edits(other).getByRole('button', { name: 'Save as version 4' }).click();
    await expect.poll(() => edits(other).count(), WITHIN).toBe(0);
    await column(other, 'Overtaken').waitFor();
  }, 300_000);

  it('every page lets everybody in, in light, dark and on a phone, and the command palette finds a cluster', async () => {
    const page = await open('/styles');
    await page.getByRole('link', { name: 'Four styles' }).waitFor();
    expect(await barriersInEveryMode(page)).toEqual(NO_BARRIERS);
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.press('Control+k');
    await page.getByRole('textbox', { name: 'Command' }).fill('Overtaken');
    await page.getByText(/cluster of .* pictures in Four styles/).click();
    await columns(page).first().waitFor({ timeout: 60_000 });
    for (const tab of ['Explorer', 'How many clusters', 'Versions', 'Drift']) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.getByRole('tab', { name: tab }).click();
      await page.waitForTimeout(300);
      expect(await barriersInEveryMode(page), tab).toEqual(NO_BARRIERS);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    }
  }, 300_000);
});
