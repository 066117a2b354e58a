// Over 400 lines: a server, a browser and a gallery take longer to start than most of these tests, so they share them.
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COLOURS, jpeg, plain, tiff, writeFiles, writePatches } from '../apps/api/src/testing/pictures.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { drawLine, dropFile, openPage, seriousBarriers, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;
const PATCHES = 60;
/** A busy machine needs its time; what does not come at all still fails. */
const WITHIN = { timeout: 30_000 } as const;

let server: TestServer;
let browser: Browser;
const opened: Page[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startDashboardServer(), launchBrowser()]);
  const folder = join(server.folder, 'colours');
  await writePatches(folder, PATCHES);
  await writeFiles(folder, {
    'red.jpg': await jpeg(plain(COLOURS.red)),
    'blue.jpg': await jpeg(plain(COLOURS.blue)),
    'notes.jpg': 'this is no picture',
  });
  await (await server.importFolder(folder)).finished();
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

const hits = (page: Page) => page.locator('[data-results] li button');
const searchBox = (page: Page) => page.getByLabel('Search by words');
const link = (...parts: string[]) => `/?${parts.map((part) => `q=${encodeURIComponent(part)}`).join('&')}`;

describe('searching', () => {
  it('words bring ranked photos, and the address holds the search', async () => {
    const page = await open('/');
    await page.keyboard.press('/');
    await page.keyboard.type('red');
    // Slow typing is searched on the way: what a part of the word brings may come first.
    await expect.poll(() => hits(page).first().getAttribute('aria-label'), WITHIN).toContain('red.jpg');
    await expect.poll(() => firstPart(page), WITHIN).toBe('text:red');
  });

  it('a sketch brings photos while it is drawn, its style is told, and undo takes a stroke back', async () => {
    const page = await open('/');
    await page.getByRole('button', { name: 'Sketch', exact: true }).click();
    await drawLine(page, [
      [0.2, 0.2],
      [0.8, 0.8],
    ]);
    await hits(page).first().waitFor();
    await page.getByLabel('What we saw').getByText('Sketch').first().waitFor();
    const afterOne = await firstPart(page);
    await drawLine(page, [
      [0.8, 0.2],
      [0.2, 0.8],
    ]);
    await expect.poll(() => firstPart(page), WITHIN).not.toBe(afterOne);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => firstPart(page), WITHIN).toBe(afterOne);
  });

  it('a dropped picture finds its like', async () => {
    const page = await open('/');
    await searchBox(page).waitFor();
    await dropFile(page, 'blue.jpg', 'image/jpeg', await jpeg(plain(COLOURS.blue, 14, 14)));
    await hits(page).first().waitFor();
    expect(await hits(page).first().getAttribute('aria-label')).toContain('blue.jpg');
  });

  it('a file that is no picture is refused with a reason, and the page goes on', async () => {
    const page = await open('/');
    await searchBox(page).waitFor();
    await dropFile(page, 'notes.png', 'image/png', new TextEncoder().encode('this is no picture'));
    await page.getByLabel('Parts of the search').getByRole('alert').waitFor();
    await searchBox(page).fill('red');
    await hits(page).first().waitFor();
  });

  it('contributions of a mixed search add up to the score that is shown', async () => {
    const page = await open(link('text:red', '-text@0.5:blue'));
    await hits(page).first().click();
    const table = page.getByRole('table', { name: 'How the score came about' });
    const cells = await table.locator('tr td:last-child').allInnerTexts();
    const values = cells.map((text) => Number(text.replace('−', '-')));
    const score = values.pop() ?? Number.NaN;
    // Each part counts by its meaning and by its words.
    expect(values).toHaveLength(4);
    // Each figure is rounded to three decimals.
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - score)).toBeLessThan(0.002);
  });

  it('a link opens the same search elsewhere', async () => {
    const first = await open(link('text:red', '-text@0.5:blue'));
    const { pathname, search } = new URL(first.url());
    const second = await open(pathname + search);
    const [namesHere, namesThere] = await Promise.all([firstNames(first, 20), firstNames(second, 20)]);
    expect(namesThere).toEqual(namesHere);
    expect(await second.getByLabel('Parts of the search').getByRole('listitem').count()).toBe(2);
  });

  it('further pages come on scrolling, with no photo twice', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().waitFor();
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, 4000);
        return hits(page).count();
      }, WITHIN)
      .toBe(PATCHES + 2);
    const names = await hits(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(PATCHES + 2);
  });

  it('a file that is no picture at all leaves the page as it is, and is named', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().waitFor();
    await dropFile(page, 'notes.pdf', 'application/pdf', new TextEncoder().encode('%PDF-1.7'));
    await page.getByText('“notes.pdf” is no picture').waitFor();
    expect(await hits(page).count()).toBeGreaterThan(0);
  });

  it('words for what photos shall not show push away', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().waitFor();
    await page.getByRole('button', { name: 'Without' }).click();
    await page.keyboard.type('blue');
    const parts = () => new URL(page.url()).searchParams.getAll('q');
    await expect.poll(parts, WITHIN).toEqual(['text:red', '-text@0.5:blue']);
    const sign = page.getByRole('radiogroup', { name: 'Part 2: more or less like it' });
    await sign.getByRole('radio', { name: 'Less like it' }).press('ArrowLeft');
    await expect.poll(parts, WITHIN).toEqual(['text:red', 'text@0.5:blue']);
  });

  it('a picture that the server no longer has is told in its place, and nothing is promised of it', async () => {
    const page = await open(link('upload:00000000-0000-4000-8000-000000000000'));
    await page.getByLabel('Parts of the search').getByText('not shown').waitFor();
    await page.getByText('The search did not work').waitFor();
    expect(await page.getByLabel('What we saw').count()).toBe(0);
  });

  it('a photo of the gallery is searched as it is: the photos found have the whole width', async () => {
    const page = await open('/');
    await page
      .getByRole('button', { name: /^Photos like/ })
      .first()
      .click();
    await hits(page).first().waitFor();
    expect(await page.getByLabel('What we saw').count()).toBe(0);
  });

  it('a picture in a format that browsers do not draw is seen all the same, also by a link', async () => {
    const page = await open('/');
    await searchBox(page).waitFor();
    await dropFile(page, 'blue.tiff', 'image/tiff', tiff(plain(COLOURS.blue, 14, 14)));
    await hits(page).first().waitFor();
    const picture = page.getByLabel('Parts of the search').getByRole('img', { name: 'Picture' });
    const drawnWidth = () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(drawnWidth, WITHIN).toBe(14);
    await page.reload();
    await expect.poll(drawnWidth, WITHIN).toBe(14);
  });

  it('an emptied box stays the place to write in, whatever other words there are', async () => {
    const page = await open(link('text:red', 'text:blue'));
    await hits(page).first().waitFor();
    await searchBox(page).fill('');
    await expect.poll(() => firstPart(page), WITHIN).toBe('text:blue');
    await searchBox(page).pressSequentially('green');
    await expect.poll(() => textParts(page), WITHIN).toEqual(['text:green', 'text:blue']);
  });

  it('words beside a picture are written in the box first', async () => {
    const page = await open('/');
    await page
      .getByRole('button', { name: /^Photos like/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Words' }).click();
    await page.keyboard.type('red');
    expect(await searchBox(page).inputValue()).toBe('red');
    await expect.poll(() => textParts(page), WITHIN).toEqual(['text:red']);
    expect(await page.getByLabel('Parts of the search').getByRole('listitem').count()).toBe(2);
  });

  it('a search that is opened by its link is named in the tab, and so is what becomes of it', async () => {
    const page = await open(link('text:red', '-text:blue'));
    await hits(page).first().waitFor();
    await expect.poll(() => page.title(), WITHIN).toBe('“red” − “blue” · Freestyle');
    // As Next does on a busy machine, at any time after the page has begun.
    await page.evaluate(() => {
      document.title = 'Freestyle';
    });
    await expect.poll(() => page.title(), WITHIN).toContain('“red”');
    await searchBox(page).fill('green');
    await expect.poll(() => page.title(), WITHIN).toBe('“green” − “blue” · Freestyle');
    await page.getByRole('link', { name: 'Datasets' }).first().click();
    await expect.poll(() => page.title(), WITHIN).toBe('Datasets · Freestyle');
  });

  it('the large view goes on past what is loaded, and Back closes it without leaving the search', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().waitFor();
    const address = page.url();
    await hits(page).first().click();
    const dialog = page.getByRole('dialog');
    for (let rank = 1; rank < PATCHES + 2; rank++) {
      await dialog.getByText(`No. ${rank}`, { exact: true }).waitFor();
      await dialog.getByRole('button', { name: 'Next photo' }).click();
    }
    await dialog.getByText(`No. ${PATCHES + 2}`).waitFor();
    expect(await dialog.getByRole('button', { name: 'Next photo' }).isDisabled()).toBe(true);
    await page.goBack();
    await dialog.waitFor({ state: 'hidden' });
    expect(page.url()).toBe(address);
    const last = await hits(page)
      .nth(PATCHES + 1)
      .getAttribute('aria-label');
    await expect.poll(() => focusedName(page), WITHIN).toBe(last);
  });

  it('Back takes “More like this” out of the search again', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().click();
    await page.getByRole('button', { name: 'More like this' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.getAll('q').length, WITHIN).toBe(2);
    await page.goBack();
    await expect.poll(() => new URL(page.url()).searchParams.getAll('q'), WITHIN).toEqual(['text:red']);
  });

  it('a cleared sketch comes back with Undo, what was drawn before the page was opened too', async () => {
    const page = await open('/');
    await page.getByRole('button', { name: 'Sketch', exact: true }).click();
    await drawLine(page, [
      [0.2, 0.2],
      [0.8, 0.8],
    ]);
    await expect.poll(() => firstPart(page), WITHIN).toMatch(/^sketch:/);
    await page.reload();
    await page.getByRole('button', { name: 'Draw on' }).click();
    await page.getByText('Draw what you remember').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Clear the paper' }).click();
    await expect.poll(() => firstPart(page), WITHIN).toBeNull();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => firstPart(page), WITHIN).toMatch(/^sketch:/);
  });

  it('while the server does not answer the page says so, and searches by itself once it does', async () => {
    const page = await open(link('text:red'));
    await hits(page).first().waitFor();
    await page.context().setOffline(true);
    await searchBox(page).fill('blue');
    await page.getByText('The server does not answer').waitFor();
    await page.context().setOffline(false);
    await expect.poll(() => hits(page).first().getAttribute('aria-label'), WITHIN).toContain('blue.jpg');
    expect(await page.getByText('The server does not answer').count()).toBe(0);
  });

  it('an error says what happened, keeps the query and gives a code', async () => {
    const page = await open(link('upload:00000000-0000-4000-8000-000000000000'));
    const alert = page.getByRole('alert').filter({ hasText: 'The search did not work' });
    await alert.waitFor();
    expect(await alert.locator('code').textContent()).toMatch(/^[A-Z_]+/);
    expect(new URL(page.url()).searchParams.get('q')).toContain('upload:');
  });
});

describe('by keyboard alone', () => {
  it('from the box to the photos, into one, to the next, and back', async () => {
    const page = await open(link('text:red'));
    await hits(page).nth(1).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const [, second, third] = await firstNames(page, 3);
    expect(await focusedName(page)).toBe(second);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No. 2').waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog.getByText('No. 3').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => focusedName(page), WITHIN).toBe(third);
  });

  it('the command palette leads to the datasets', async () => {
    const page = await open('/');
    await searchBox(page).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByLabel('Command', { exact: true }).fill('datasets');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/datasets');
  });
});

describe('datasets', () => {
  it('an import started here shows its progress and what it left out', async () => {
    const folder = join(server.folder, 'second');
    await writePatches(folder, 12, PATCHES);
    await writeFiles(folder, { 'broken.jpg': 'no picture' });
    const page = await open('/datasets');
    await page.getByRole('link', { name: 'New import' }).first().click();
    await page.getByRole('tab', { name: 'Folder on the server' }).click();
    await page.getByRole('textbox', { name: 'Folder' }).fill(folder);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const entry = page
      .getByRole('list', { name: 'Imports' })
      .getByRole('listitem')
      .filter({ hasText: 'second' });
    await entry.getByText('12 indexed').waitFor();
    await entry.getByText('Done').waitFor();
    await entry.getByRole('button', { name: 'What was left out' }).click();
    await entry.getByText('broken.jpg').waitFor();
  });

  it('a folder that is not there is refused beside its field', async () => {
    const page = await open('/datasets/import?from=folder');
    await page.getByRole('textbox', { name: 'Folder' }).fill('/nowhere/at/all');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('There is no folder /nowhere/at/all').waitFor();
    expect(await page.getByRole('textbox', { name: 'Folder' }).getAttribute('aria-invalid')).toBe('true');
  });
});

describe('every page', () => {
  // Each with what is there once its data has come.
  const pages: readonly [path: string, ready: (page: Page) => Locator][] = [
    ['/', (page) => page.getByRole('button', { name: /^Photos like/ }).first()],
    [link('text:red', '-text:blue'), (page) => hits(page).first()],
    ['/datasets', (page) => page.getByRole('list', { name: 'Imports' })],
    ['/settings', (page) => page.getByRole('heading', { name: 'Model in use' })],
  ];

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no serious barrier in the ${colorScheme} theme, and the system decides which it is`, async () => {
      for (const [path, ready] of pages) {
        const page = await open(path, { colorScheme });
        await ready(page).waitFor();
        const scheme = await page.locator('html').getAttribute('data-mantine-color-scheme');
        expect(scheme, path).toBe(colorScheme);
        expect(await seriousBarriers(page), path).toEqual([]);
      }
    });
  }

  it('fits a phone 360 pixels wide, the sketch pad too', async () => {
    for (const [path, ready] of pages) {
      const page = await open(path, PHONE);
      await ready(page).waitFor();
      expect(await sidewaysOverflow(page), path).toBeLessThanOrEqual(0);
      expect(await seriousBarriers(page), path).toEqual([]);
    }
    const page = await open('/', PHONE);
    await page.getByRole('button', { name: 'Sketch', exact: true }).click();
    const place = () => page.locator('canvas').boundingBox();
    const before = await place();
    await drawLine(page, [
      [0.2, 0.5],
      [0.8, 0.5],
    ]);
    await hits(page).first().waitFor();
    // Paper that moves under the pen spoils the line.
    expect(await place()).toEqual(before);
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    expect(await seriousBarriers(page)).toEqual([]);
  });

  it('asks nothing of any other machine', async () => {
    const page = await open('/settings');
    const foreign: string[] = [];
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== server.url) foreign.push(request.url());
    });
    for (const [path, ready] of pages) {
      await page.goto(server.url + path);
      await ready(page).waitFor();
    }
    expect(foreign).toEqual([]);
  });
});

/** The first part of the search, as the address holds it. */
async function firstPart(page: Page): Promise<string | null> {
  return new URL(page.url()).searchParams.get('q');
}

const textParts = (page: Page) =>
  new URL(page.url()).searchParams.getAll('q').filter((part) => part.startsWith('text:'));

async function firstNames(page: Page, count: number): Promise<(string | null)[]> {
  await hits(page)
    .nth(count - 1)
    .waitFor();
  const names = await hits(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
  return names.slice(0, count);
}

const focusedName = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
