import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writePatches } from '../apps/api/src/testing/pictures.js';
import { NO_SETTINGS, type TestServer } from '../apps/api/src/testing/test-server.js';
import { ELSEWHERE, launchBrowser } from './support/browser.js';
import { openPage, seriousBarriers, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const TOKEN = 'a-token-of-the-tests';
const SEARCH = '/?q=text%3Ared';

let server: TestServer;
let tokenless: TestServer;
let browser: Browser;
const opened: Page[] = [];

const startServer = (adminToken: string | undefined) =>
  startDashboardServer({ settings: { ...NO_SETTINGS, adminToken, logLevel: 'silent' } });

beforeAll(async () => {
  [server, tokenless, browser] = await Promise.all([
    startServer(TOKEN),
    startServer(undefined),
    launchBrowser(),
  ]);
  const folder = join(server.folder, 'colours');
  await writePatches(folder, 12);
  await (await server.importFolder(folder)).finished();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([server?.dispose(), tokenless?.dispose()]);
});

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

/** Opens a page of the server as another machine sees it. */
async function openElsewhere(
  path: string,
  options: BrowserContextOptions = {},
  { port } = server,
): Promise<Page> {
  const page = await openPage(browser, `http://${ELSEWHERE}:${port}${path}`, options);
  opened.push(page);
  return page;
}

const tokenField = (page: Page) => page.getByRole('textbox', { name: 'Token' });
const hits = (page: Page) => page.locator('[data-results] li button');

async function signIn(page: Page, token: string): Promise<void> {
  await tokenField(page).fill(token);
  await page.keyboard.press('Enter');
}

describe('from another machine', () => {
  it('a link to a search opens it once the token was typed, and stays open after a reload', async () => {
    const page = await openElsewhere(SEARCH);
    await signIn(page, TOKEN);
    await hits(page).first().waitFor();
    expect(new URL(page.url()).search).toBe(new URL(SEARCH, server.url).search);
    await page.reload();
    await hits(page).first().waitFor();
    const picture = page.locator('[data-results] img').first();
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(0);
  });

  it('a wrong token is refused beside its field, and nothing of the gallery is shown', async () => {
    const page = await openElsewhere('/');
    await signIn(page, 'a-wrong-token');
    await page.getByRole('alert').filter({ hasText: 'not the token' }).waitFor();
    expect(await tokenField(page).getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('navigation').count()).toBe(0);
  });

  it('signing out closes every page again', async () => {
    const page = await openElsewhere('/settings');
    await signIn(page, TOKEN);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await tokenField(page).waitFor();
    await page.goto(`http://${ELSEWHERE}:${server.port}${SEARCH}`);
    await tokenField(page).waitFor();
  });

  it('a session that ends under an open page asks for the token, and goes on where it was', async () => {
    const page = await openElsewhere(SEARCH);
    await signIn(page, TOKEN);
    await hits(page).first().waitFor();
    await page.context().clearCookies();
    await page.getByLabel('Search by words').fill('blue');
    await signIn(page, TOKEN);
    await hits(page).first().waitFor();
    expect(await page.getByLabel('Search by words').inputValue()).toBe('blue');
  });

  it('scripts of the page cannot read the session', async () => {
    const page = await openElsewhere('/');
    await signIn(page, TOKEN);
    await page.getByLabel('Search by words').waitFor();
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: 'freestyle_session', httpOnly: true, sameSite: 'Strict' });
    expect(cookie?.value).not.toContain(TOKEN);
  });

  it('what is copied arrives on the clipboard, without the secure context that browsers want for it', async () => {
    const page = await openElsewhere(SEARCH);
    await signIn(page, TOKEN);
    await hits(page).first().waitFor();
    expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
    await page.getByRole('button', { name: 'Share this search' }).click();
    await page.getByRole('menuitem', { name: 'Copy link' }).click();
    await page.getByText('Link copied').waitFor();
    await page.getByLabel('Search by words').fill('');
    await page.keyboard.press('Control+v');
    expect(await page.getByLabel('Search by words').inputValue()).toContain(SEARCH);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`the way in has no serious barrier in the ${colorScheme} theme, and fits a phone`, async () => {
      const page = await openElsewhere('/', { colorScheme, viewport: { width: 360, height: 740 } });
      await tokenField(page).waitFor();
      expect(await seriousBarriers(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    });
  }
});

it("on the server's own machine a set token is asked for too, and lets in", async () => {
  const page = await openPage(browser, server.url + SEARCH);
  opened.push(page);
  await signIn(page, TOKEN);
  await hits(page).first().waitFor();
  await page.getByRole('button', { name: 'Share this search' }).waitFor();
});

it("while no token is set, the server's own machine is asked for none", async () => {
  const page = await openPage(browser, `${tokenless.url}/settings`);
  opened.push(page);
  await page.getByRole('navigation').first().waitFor();
  expect(await tokenField(page).count()).toBe(0);
});

it('while no token is set, the page says what to set', async () => {
  const page = await openElsewhere('/datasets', {}, tokenless);
  await page.getByRole('heading', { name: 'Closed to other machines' }).waitFor();
  await page.getByText('FREESTYLE_ADMIN_TOKEN=… npm start -- --host 0.0.0.0').waitFor();
  expect(await seriousBarriers(page)).toEqual([]);
  expect(await page.getByRole('navigation').count()).toBe(0);
});
