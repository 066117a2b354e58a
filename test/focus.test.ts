import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writePatches } from '../apps/api/src/testing/pictures.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { drawLine, openPage } from './support/browser-page.js';
import { writeCuratedFolder } from './support/curated-folder.js';
import { startDashboardServer } from './support/dashboard-server.js';

const PHOTOS = 24;
const WITHIN = { timeout: 30_000 } as const;

let server: TestServer;
let browser: Browser;
let datasetId: string;
const opened: Page[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startDashboardServer(), launchBrowser()]);
  const folder = join(server.folder, 'scenes');
  await Promise.all([
    writeCuratedFolder(folder, PHOTOS),
    writePatches(join(server.folder, 'two'), 2, 71_000),
  ]);
  await (await server.importFolder(folder)).finished();
  const { data } = await server.query<{ datasets: { edges: { node: { id: string } }[] } }>(
    '{ datasets(first: 1) { edges { node { id } } } }',
  );
  datasetId = data?.datasets.edges[0]?.node.id ?? '';
});

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function open(path: string): Promise<Page> {
  const page = await openPage(browser, server.url + path);
  opened.push(page);
  return page;
}

const datasetPath = (query = '') => `/datasets/${encodeURIComponent(datasetId)}${query && `?${query}`}`;
const button = (within: Page | Locator, name: string | RegExp) =>
  within.getByRole('button', { name, exact: true });
const tiles = (page: Page) => page.getByRole('list', { name: 'Photos' }).getByRole('link');

/** Uses a control as somebody does who has no mouse. */
async function press(control: Locator, key = 'Enter'): Promise<void> {
  await expect.poll(() => control.isEnabled(), WITHIN).toBe(true);
  await control.press(key);
}

/** Waits until a control has the focus; what is said of a failure is what had it instead. */
async function expectFocus(control: Locator): Promise<void> {
  const whoHasIt = () =>
    control.evaluate((element) => {
      const { activeElement } = document;
      return activeElement === element ? 'it' : (activeElement?.outerHTML.slice(0, 200) ?? 'nothing');
    });
  await expect.poll(whoHasIt, WITHIN).toBe('it');
}

describe('among the photos of a dataset', () => {
  it('a filter that is taken away leaves the focus to the next one, the last to how many photos there are', async () => {
    const page = await open(datasetPath('split=train&no-style=sketch'));
    await press(button(page, 'Remove filter Split: train'));
    await expectFocus(button(page, 'Remove filter Lacks style: No sketch'));
    await press(button(page, 'Remove filter Lacks style: No sketch'));
    const status = page.getByText(`${PHOTOS} photos`, { exact: true });
    await expectFocus(status);
  });

  it('clearing the filters leads to the list, with and without a photo in it', async () => {
    const page = await open(datasetPath('split=train&no-style=sketch'));
    const status = page.getByText(`${PHOTOS} photos`, { exact: true });
    await press(button(page, 'Clear'));
    await expectFocus(status);
    await page.goto(server.url + datasetPath('file=nowhere'));
    await press(button(page, 'Clear the filter'));
    await expectFocus(status);
  });

  it('a dialog that is left gives the focus back to its button, and no marks to a photo', async () => {
    const page = await open(datasetPath());
    await press(tiles(page).nth(1), 'Space');
    const bar = page.getByRole('region', { name: 'Marked photos' });
    await press(button(bar, 'Delete'));
    await expectFocus(button(page.getByRole('dialog'), 'Not now'));
    await page.keyboard.press('Escape');
    await expectFocus(button(bar, 'Delete'));
    await press(button(bar, 'Mark nothing'));
    await expectFocus(tiles(page).nth(1));
  });

  it('deleting photos leads to those that are left, and to their number where none is', async () => {
    const page = await open(datasetPath('has-caption=no'));
    await tiles(page).first().waitFor();
    const count = await tiles(page).count();
    await press(tiles(page).last(), 'Space');
    await press(button(page, 'Delete'));
    await press(button(page.getByRole('dialog'), 'Delete 1 photo'));
    await expect.poll(() => tiles(page).count(), WITHIN).toBe(count - 1);
    await expectFocus(tiles(page).last());
    await page.keyboard.press('Control+a');
    await press(button(page, 'Delete'));
    await press(button(page.getByRole('dialog'), /^Delete \d/));
    await expectFocus(page.getByText(/^0 of \d+ photos$/));
    await press(button(page, 'Changes'));
    const changes = page.getByRole('list', { name: 'Changes' }).getByRole('listitem');
    for (const place of [0, 1]) {
      await press(changes.nth(place).getByRole('button'));
      await changes.nth(place).getByText('undone').waitFor();
      await expectFocus(changes.nth(place));
    }
  });

  it('a round of labelling takes the focus from the button that begins it', async () => {
    const page = await open(`${datasetPath()}/label`);
    await press(button(page, `Label ${PHOTOS} photos`));
    const round = page.getByRole('region', { name: 'Round' });
    await expectFocus(round);
    await press(button(round, 'Skip'));
    await press(button(round, 'Back'));
    await expectFocus(button(round, 'Back'));
    await press(button(page, 'Change the list'));
    await expectFocus(page.getByRole('region', { name: 'What the keys give' }));
  });
});

describe('on a photo’s page', () => {
  const openPhoto = async () => {
    const page = await open(datasetPath());
    await press(tiles(page).first());
    await button(page, 'Add a caption').waitFor();
    return page;
  };

  it('deleting it leads to bringing it back, and its notice to where the focus was', async () => {
    const page = await openPhoto();
    await press(button(page, 'Delete'));
    await expectFocus(button(page, 'Restore'));
    await press(button(page, 'Restore'));
    await expectFocus(button(page, 'Delete'));
    const undo = page.getByRole('alert').getByRole('button', { name: 'Undo' });
    await press(undo);
    await expectFocus(button(page, 'Restore'));
    await page.keyboard.press('Escape');
    await expectFocus(tiles(page).first());
    await page.goBack();
    await press(button(page, 'Restore'));
    await expectFocus(button(page, 'Delete'));
  });

  it('the next photo can be stepped to again and again', async () => {
    const page = await openPhoto();
    await press(button(page, 'Next photo'));
    await page.getByText(`2 of ${PHOTOS}`).waitFor();
    await expectFocus(button(page, 'Next photo'));
  });

  it('removing a caption leads to the one before it, else to adding one', async () => {
    const page = await openPhoto();
    const captions = page.getByRole('region', { name: 'Captions' });
    await press(button(captions, 'Add a caption'));
    await captions.getByLabel('Caption', { exact: true }).fill('one more');
    await press(button(captions, 'Save'));
    await expectFocus(button(captions, 'Add a caption'));
    await button(captions, 'one more').waitFor();
    const removals = captions.getByRole('button', { name: /^Remove caption/ });
    const count = await removals.count();
    await press(removals.last());
    await expect.poll(() => removals.count(), WITHIN).toBe(count - 1);
    await expectFocus(count > 1 ? removals.last() : button(captions, 'Add a caption'));
  });
});

describe('while photos are brought in', () => {
  it('what an import would do takes the focus from the button that asks for it, and the import from its own', async () => {
    const page = await open('/datasets/import?from=folder');
    await page.getByRole('textbox', { name: 'Folder' }).fill(join(server.folder, 'two'));
    await press(button(page, 'Show what it would do'));
    await expectFocus(page.getByRole('region', { name: 'What the import would do' }));
    await press(button(page, 'Look again'));
    await expectFocus(button(page, 'Look again'));
    await press(button(page, 'Import 2 photos'));
    await expectFocus(page.getByRole('region', { name: 'Import', exact: true }));
  });

  it('files that are chosen, and an upload that is begun, cancelled and discarded, lead from one to the other', async () => {
    const page = await open('/datasets/import');
    const zone = page.getByRole('region', { name: 'Drop photos or folders here' });
    const choose = async () => {
      const asked = page.waitForEvent('filechooser');
      await press(button(page, 'Choose files').first());
      await (await asked).setFiles(
        ['71000.jpg', '71001.jpg'].map((name) => join(server.folder, 'two', name)),
      );
    };
    const chosen = page.getByRole('heading', { name: /^2 files/ });
    await choose();
    await expectFocus(chosen);
    await press(button(page, 'Choose others'));
    await expectFocus(zone);
    const begin = async (name: string) => {
      await page.getByRole('textbox', { name: 'Name' }).fill(name);
      await page.getByRole('switch', { name: 'Show me what the import would do' }).check();
      await press(button(page, 'Upload'));
      await expectFocus(page.getByRole('heading', { name }));
      await page.getByText('Everything has arrived').waitFor();
    };
    await choose();
    await begin('Cancelled');
    await press(button(page, 'Cancel'));
    await expectFocus(button(page, 'Keep it'));
    await press(button(page, 'Keep it'));
    await expectFocus(button(page, 'Cancel'));
    await press(button(page, 'Cancel'));
    await press(button(page, 'Delete what has arrived'));
    await expectFocus(chosen);
    await begin('Left alone');
    await page.goto(`${server.url}/datasets/import`);
    await press(button(page, 'Discard'));
    await expectFocus(zone);
  });
});

describe('in a dataset’s other parts', () => {
  it('the first version leads to making the next one', async () => {
    const page = await open(datasetPath('tab=versions'));
    await page.getByRole('heading', { name: 'No version yet' }).waitFor();
    await press(button(page, 'Make a version'));
    await page.getByRole('list', { name: 'Timeline' }).waitFor();
    await expectFocus(button(page, 'Make a version'));
    await press(button(page, 'Make a version'));
    await page.getByText('Nothing changed since Version 1').waitFor();
    await expectFocus(button(page, 'Make a version'));
  });

  it('a split that is taken away leads to the next one, and one that is undone to what became of it', async () => {
    const page = await open(datasetPath('tab=query-styles'));
    const panel = page.getByRole('region', { name: 'Split', exact: true });
    await press(button(panel, 'Without split 3'));
    await expectFocus(button(panel, 'Without split 2'));
    await panel.getByLabel('Share of split 2 in per cent').fill('20');
    await press(button(panel, `Split ${PHOTOS} photos`));
    await press(button(panel, 'Undo'));
    await expectFocus(panel.getByText('Undone.'));
  });
});

describe('in a search', () => {
  const box = (page: Page) => page.getByLabel('Search by words');
  const hits = (page: Page) => page.locator('[data-results] li button');

  it('a part that is removed leads to the next one, the last and a new start to the box', async () => {
    const page = await open('/?q=text:red&q=text:blue&q=text:green');
    await press(button(page, 'Remove “blue”'));
    await expectFocus(button(page, 'Remove “green”'));
    await press(button(page, 'Remove “green”'));
    await expectFocus(box(page));
    await press(button(page, 'Start over'));
    await expectFocus(box(page));
  });

  it('a photo to start from leads to the photos found', async () => {
    const page = await open('/');
    await press(page.getByRole('button', { name: /^Photos like/ }).first());
    await expectFocus(hits(page).first());
  });

  it('the sketch pad keeps the focus while there is nothing more to undo, and leads back to its button', async () => {
    const page = await open('/');
    await press(button(page, 'Sketch'));
    await drawLine(page, [
      [0.2, 0.2],
      [0.8, 0.8],
    ]);
    await press(page.getByRole('button', { name: /^Undo/ }));
    await page.getByText('Draw what you remember').waitFor();
    await expectFocus(page.getByRole('button', { name: /^Undo/ }));
    await press(button(page, 'Close the sketch pad'));
    await expectFocus(button(page, 'Sketch'));
  });
});
