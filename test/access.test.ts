import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writePatches } from '../apps/api/src/testing/pictures.js';
import { NO_SETTINGS, type TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const EMAIL = 'ada@example.org';
const PASSWORD = 'correct horse battery';
/** Where pictures of the pages are put, for a person to look at; nowhere unless it is set. */
const SHOTS = process.env.FREESTYLE_SHOTS;

let server: TestServer;
let browser: Browser;
const opened: Page[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([
    startDashboardServer({
      settings: { ...NO_SETTINGS, firstAdmin: { email: EMAIL, password: PASSWORD }, logLevel: 'silent' },
    }),
    launchBrowser(),
  ]);
  const folder = join(server.folder, 'colours');
  await writePatches(folder, 12);
  await (await server.importFolder(folder)).finished();
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openPage(browser, server.url + path, options);
  // What the pages' own policy refuses is told on the console.
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  opened.push(page);
  return page;
}

async function signIn(page: Page, email = EMAIL, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.keyboard.press('Enter');
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Looks at a page in light, dark and on a phone; leaves it as a phone. */
async function lookAt(page: Page, name: string): Promise<void> {
  if (SHOTS) {
    await page.emulateMedia({ colorScheme: 'light' });
    await shoot(page, `${name}-light`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot(page, `${name}-dark`);
  }
  expect(await barriersInEveryMode(page), name).toEqual(NO_BARRIERS);
  expect(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
  await shoot(page, `${name}-phone`);
}

describe('who signs in', () => {
  it('comes in by address and password, is told of a wrong one, and signs out', async () => {
    const page = await open('/settings');
    await signIn(page, EMAIL, 'a wrong password');
    await page.getByRole('alert').getByText('The address or the password is wrong.').waitFor();
    await signIn(page);
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await lookAt(page, 'sign-in');
  }, 120_000);

  it('is told when the session is over, at the same address, and goes on after signing in', async () => {
    const page = await open('/datasets');
    await signIn(page);
    await page.getByRole('heading', { name: 'Datasets' }).waitFor();
    const cookies = await page.context().cookies();
    await fetch(`${server.url}/session`, {
      method: 'DELETE',
      headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    });
    await page.reload();
    await page.getByRole('status').getByText('You were signed out').waitFor();
    await signIn(page);
    await page.getByRole('heading', { name: 'Datasets' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/datasets');
  }, 120_000);
});

describe('an administrator', () => {
  it('makes a key, sees it once, and revokes it', async () => {
    const page = await open('/settings');
    await signIn(page);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('nightly import');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const secret = (await page.locator('[data-secret]').textContent())?.trim() ?? '';
    expect(secret).toMatch(/^fsk_[0-9a-f]{8}_[\w-]{43}$/);
    const answers = async () =>
      (await server.query('{ viewer { name } }', {}, { authorization: `Bearer ${secret}` })).errors?.[0]
        ?.extensions.code;
    expect(await answers()).toBeUndefined();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('nightly import').waitFor();
    await page.locator('[data-secret]').waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(secret);
    await lookAt(page, 'settings');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: 'Revoke nightly import' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText(/^revoked /).waitFor();
    expect(await answers()).toBe('UNAUTHENTICATED');
  }, 120_000);

  it('lets somebody in, who sees what their role does not reach as that', async () => {
    const page = await open('/settings');
    await signIn(page);
    await page.getByRole('button', { name: 'New person' }).click();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('bob@example.org');
    await page.getByRole('textbox', { name: 'Name' }).fill('Bob');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Let them sign in' }).click();
    await page.getByText('bob@example.org').waitFor();
    const bobs = await open('/settings/audit');
    await signIn(bobs, 'bob@example.org');
    await bobs.getByRole('heading', { name: 'Your role does not reach here' }).waitFor();
    await lookAt(bobs, 'forbidden');
  }, 120_000);

  it('reads in the audit log who did what, and narrows it', async () => {
    const page = await open('/settings/audit');
    await signIn(page);
    await page.locator('li strong', { hasText: 'create person' }).first().waitFor();
    await lookAt(page, 'audit');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('textbox', { name: 'Who' }).fill('nobody at all');
    await page.getByRole('heading', { name: 'No such entry' }).waitFor();
  }, 120_000);

  it('sees how the server does', async () => {
    await server.query('{ viewer { name } }');
    const page = await open('/?q=text%3Ared');
    await signIn(page);
    await page.locator('[data-results] li button').first().waitFor();
    await page.goto(`${server.url}/monitor`);
    await page.getByRole('rowheader', { name: 'search' }).waitFor();
    await page.getByText('Nothing is sampled.').waitFor();
    await lookAt(page, 'monitor');
  }, 120_000);
});

it('nothing of the pages is refused by their own policy', () => {
  expect(complaints).toEqual([]);
});
