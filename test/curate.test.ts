// Long, because one server and one folder of photos, which take longest to make, serve all of it.
import { basename, join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { openPage, seriousBarriers, sidewaysOverflow } from './support/browser-page.js';
import { type CuratedPhoto, writeCuratedFolder } from './support/curated-folder.js';
import { startDashboardServer } from './support/dashboard-server.js';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;
/** So small that most of the photos are out of sight. */
const SMALL = { viewport: { width: 1100, height: 420 } } as const;
const PHOTOS = 72;
const WITHIN = { timeout: 30_000 } as const;

let server: TestServer;
let browser: Browser;
let photos: CuratedPhoto[];
let datasetId: string;
const opened: Page[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startDashboardServer(), launchBrowser()]);
  const folder = join(server.folder, 'scenes');
  photos = await writeCuratedFolder(folder, PHOTOS);
  await (await server.importFolder(folder)).finished();
  const answer = await server.query<{ datasets: { edges: { node: { id: string } }[] } }>(
    '{ datasets(first: 1) { edges { node { id } } } }',
  );
  datasetId = answer.data?.datasets.edges[0]?.node.id ?? '';
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

const datasetPath = (query = '') => `/datasets/${encodeURIComponent(datasetId)}${query && `?${query}`}`;
const grid = (page: Page) => page.getByRole('list', { name: 'Photos' });
const tiles = (page: Page) => grid(page).getByRole('link');
const bar = (page: Page) => page.getByRole('region', { name: 'Marked photos' });
const nameOf = (photo: CuratedPhoto | undefined) => photo?.captions[0] ?? photo?.file ?? '';

/** Names of the photos behind a filter, as the API has them now. */
async function filesBehind(filter: Record<string, unknown>): Promise<string[]> {
  const { data, errors } = await server.query<{
    dataset: { images: { edges: { node: { fileName: string } }[] } };
  }>(
    `query ($id: ID!, $filter: ImageFilter) {
      dataset(id: $id) { images(first: 100, filter: $filter) { edges { node { fileName } } } }
    }`,
    { id: datasetId, filter },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data?.dataset.images.edges.map(({ node }) => node.fileName) ?? [];
}

const filesWhere = (fits: (photo: CuratedPhoto) => boolean) => photos.filter(fits).map(({ file }) => file);

async function idOf(file: string): Promise<string> {
  const { data } = await server.query<{ dataset: { images: { edges: { node: { id: string } }[] } } }>(
    `query ($id: ID!, $filter: ImageFilter) {
      dataset(id: $id) { images(first: 1, filter: $filter) { edges { node { id } } } }
    }`,
    { id: datasetId, filter: { fileName: file } },
  );
  return data?.dataset.images.edges[0]?.node.id ?? '';
}

const photoPath = async (file: string, query = '') =>
  `${datasetPath()}/photos/${encodeURIComponent(await idOf(file))}${query && `?${query}`}`;

const param = (page: Page, name: string) => new URL(page.url()).searchParams.getAll(name);

describe('filtering', () => {
  it('an address opens the photos it asks for, and each part of it can be taken away', async () => {
    const page = await open(datasetPath('split=train&no-style=sketch'));
    const fitting = filesWhere(({ split, hasSketch }) => split === 'train' && !hasSketch);
    expect(fitting.length).toBeGreaterThan(3);
    await page.getByText(`${fitting.length} of ${PHOTOS} photos`).waitFor();
    await expect.poll(() => tiles(page).count(), WITHIN).toBe(fitting.length);
    await page.getByRole('button', { name: 'Remove filter Lacks style: No sketch' }).click();
    const train = filesWhere(({ split }) => split === 'train').length;
    await page.getByText(`${train} of ${PHOTOS} photos`).waitFor();
    expect(param(page, 'no-style')).toEqual([]);
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByText(`${PHOTOS} photos`, { exact: true }).waitFor();
    await page.goBack();
    await page.getByText(`${train} of ${PHOTOS} photos`).waitFor();
  });

  it('a value that is ticked shows as many photos as stood beside it, and is in the address', async () => {
    const page = await open(datasetPath());
    const value = page.getByRole('region', { name: 'Filter' }).getByRole('checkbox', { name: /^val\s*\d+$/ });
    const count = filesWhere(({ split }) => split === 'val').length;
    await expect.poll(() => value.locator('xpath=..').textContent(), WITHIN).toBe(`val${count}`);
    await value.click();
    await page.getByText(`${count} of ${PHOTOS} photos`).waitFor();
    expect(param(page, 'split')).toEqual(['val']);
  });

  it('a value that is ticked while typing rests is not lost', async () => {
    const page = await open(datasetPath());
    const filter = page.getByRole('region', { name: 'Filter' });
    const value = filter.getByRole('checkbox', { name: /^val\s*\d+$/ });
    await value.waitFor();
    await filter.getByLabel('File name').fill('.jpg');
    await value.click();
    await expect.poll(() => param(page, 'file'), WITHIN).toEqual(['.jpg']);
    expect(param(page, 'split')).toEqual(['val']);
  });

  it('photos without a caption are found', async () => {
    const page = await open(datasetPath());
    await page.getByText('No caption', { exact: true }).first().click();
    const count = filesWhere(({ captions }) => captions.length === 0).length;
    await page.getByText(`${count} of ${PHOTOS} photos`).waitFor();
    expect(param(page, 'has-caption')).toEqual(['no']);
  });

  it('only photos near the screen exist as elements, and the last one can be scrolled to', async () => {
    const page = await open(datasetPath(), SMALL);
    await tiles(page).first().waitFor();
    expect(await grid(page).getByRole('listitem').count()).toBeLessThan(PHOTOS);
    await tiles(page).first().focus();
    await page.keyboard.press('End');
    const last = nameOf(photos.at(-1));
    await expect.poll(() => focusedName(page), WITHIN).toBe(last);
  });
});

describe('changing many photos', () => {
  it('everything behind a filter is tagged, in sight or not, and undo takes it back', async () => {
    const page = await open(datasetPath('split=train'), SMALL);
    const train = filesWhere(({ split }) => split === 'train');
    await tiles(page).first().waitFor();
    expect(await tiles(page).count()).toBeLessThan(train.length);
    await grid(page).getByRole('checkbox').first().click();
    await bar(page).getByText('1 marked').waitFor();
    await bar(page)
      .getByRole('button', { name: `Select all ${train.length} behind this filter` })
      .click();
    await bar(page).getByText(`${train.length} marked`).waitFor();
    await bar(page).getByRole('button', { name: 'Tag', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Tags').first().fill('reviewed');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: `Tag ${train.length} photos` }).click();
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    expect(await filesBehind({ tags: ['reviewed'] })).toEqual(train);
    await undo.click();
    await expect.poll(() => filesBehind({ tags: ['reviewed'] }), WITHIN).toEqual([]);
  });

  it('one photo can be left out of everything behind a filter', async () => {
    const page = await open(datasetPath('split=val'));
    const val = filesWhere(({ split }) => split === 'val');
    await tiles(page).first().focus();
    await page.keyboard.press('Control+a');
    await bar(page).getByText(`${val.length} marked`).waitFor();
    await page.keyboard.press('Space');
    await bar(page)
      .getByText(`${val.length - 1} marked`)
      .waitFor();
    await bar(page).getByRole('button', { name: 'Split' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To split').fill('test');
    await dialog.getByRole('button', { name: `Move ${val.length - 1} photos` }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await filesBehind({ splits: ['test'] })).toEqual(val.slice(1));
    await page.getByRole('button', { name: 'Changes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Undo/ }).first().click();
    await expect.poll(() => filesBehind({ splits: ['val'] }), WITHIN).toEqual(val);
  });

  it('a class of two words is given, and the notice of the change lies over nothing that is needed next', async () => {
    const page = await open(datasetPath('split=val'));
    const [file] = filesWhere(({ split }) => split === 'val');
    for (const name of ['hot dog', 'big red bus']) {
      await grid(page).getByRole('checkbox').first().click();
      await bar(page).getByRole('button', { name: 'Class' }).click();
      await page.getByRole('dialog').getByLabel('Class').first().pressSequentially(`${name} `);
      await page.getByRole('dialog').getByRole('button', { name: 'Set the class of 1 photo' }).click();
      await bar(page).waitFor({ state: 'hidden' });
      await expect.poll(() => filesBehind({ classes: [name] }), WITHIN).toEqual([file]);
    }
    // Of two changes only the last is told, beside the bar of what comes next and not over it.
    await expect.poll(() => page.getByRole('button', { name: 'Undo' }).count(), WITHIN).toBe(1);
    await grid(page).getByRole('checkbox').first().click();
    await bar(page).getByRole('button', { name: 'Mark nothing' }).click({ timeout: 5_000 });
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => filesBehind({ classes: ['hot dog'] }), WITHIN).toEqual([file]);
  });

  it('Esc in a dialog closes the dialog and leaves the marks', async () => {
    const page = await open(datasetPath());
    await grid(page).getByRole('checkbox').nth(1).click();
    const dialog = page.getByRole('dialog');
    for (const name of ['Delete', 'Changes']) {
      await page.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor();
      await expect.poll(() => dialog.evaluate((box) => box.contains(document.activeElement))).toBe(true);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      expect(await bar(page).getByText('1 marked').isVisible()).toBe(true);
    }
  });

  it('a stretch is marked with shift, by mouse and by arrow keys', async () => {
    const page = await open(datasetPath());
    await grid(page).getByRole('checkbox').nth(1).click();
    await tiles(page)
      .nth(5)
      .click({ modifiers: ['Shift'] });
    await bar(page).getByText('5 marked').waitFor();
    await page.keyboard.press('Shift+ArrowRight');
    await bar(page).getByText('6 marked').waitFor();
    await page.keyboard.press('Escape');
    await bar(page).waitFor({ state: 'hidden' });
  });

  it('deleting says how many, and what was deleted can be found and restored', async () => {
    const page = await open(datasetPath('has-caption=no'));
    const without = filesWhere(({ captions }) => captions.length === 0);
    await tiles(page).first().focus();
    await page.keyboard.press('Control+a');
    await bar(page).getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Delete ${without.length} photos` })
      .click();
    await page.getByRole('heading', { name: 'No photo fits' }).waitFor();
    expect(await filesBehind({ states: ['DELETED'] })).toEqual(without);
    await page.goto(server.url + datasetPath('state=deleted'));
    await tiles(page).first().focus();
    await page.keyboard.press('Control+a');
    await bar(page).getByRole('button', { name: 'Restore' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: `Restore ${without.length} photos` })
      .click();
    await expect.poll(() => filesBehind({ states: ['DELETED'] }), WITHIN).toEqual([]);
    expect(await filesBehind({ hasCaption: false })).toEqual(without);
  });
});

describe('a photo’s page', () => {
  it('shows its queries by style, and arrow keys stay behind the filter it was reached from', async () => {
    const sketchless = photos.filter(({ hasSketch }) => !hasSketch);
    const [first, second] = sketchless;
    const page = await open(datasetPath('no-style=sketch'));
    await tiles(page).first().click();
    await page.getByRole('img', { name: nameOf(first), exact: true }).waitFor();
    await page.getByText(`1 of ${sketchless.length} behind the filter`).waitFor();
    const versions = page.getByRole('region', { name: 'Query versions' });
    await versions.getByRole('heading', { name: /^Cartoon/ }).waitFor();
    expect(await versions.getByRole('heading', { name: /^Sketch/ }).count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await page.getByRole('img', { name: nameOf(second), exact: true }).waitFor();
    await page.getByText(`2 of ${sketchless.length} behind the filter`).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(`**${datasetPath('no-style=sketch')}`);
    await expect.poll(() => tiles(page).count(), WITHIN).toBe(sketchless.length);
    await expect.poll(() => focusedName(page), WITHIN).toBe(nameOf(second));
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => focusedName(page), WITHIN).toBe(nameOf(first));
  });

  it('a caption is changed in place, another is added, and undo brings the old ones back', async () => {
    const photo = photos[0];
    const page = await open(await photoPath(photo?.file ?? ''));
    const captions = page.getByRole('region', { name: 'Captions' });
    await captions.getByRole('button', { name: photo?.captions[0] ?? '', exact: true }).click();
    await captions.getByLabel('Caption', { exact: true }).fill('what the curator saw');
    await page.keyboard.press('Enter');
    await captions.getByRole('button', { name: 'what the curator saw', exact: true }).waitFor();
    // The keyboard is on what was edited, and not at the page's beginning.
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent), WITHIN)
      .toBe('what the curator saw');
    expect(await filesBehind({ caption: 'WHAT THE CURATOR' })).toEqual([photo?.file]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await captions.getByRole('button', { name: photo?.captions[0] ?? '', exact: true }).waitFor();
    await captions.getByRole('button', { name: 'Add a caption' }).click();
    await captions.getByLabel('Caption', { exact: true }).fill('one more');
    await captions.getByRole('button', { name: 'Save' }).click();
    await captions.getByRole('button', { name: 'one more', exact: true }).waitFor();
    await captions.getByRole('button', { name: 'Remove caption: one more' }).click();
    await captions.getByRole('button', { name: 'one more', exact: true }).waitFor({ state: 'hidden' });
    await expect.poll(() => filesBehind({ caption: 'one more' }), WITHIN).toEqual([]);
  });

  it('class and tags are set where they stand', async () => {
    const file = photos[4]?.file ?? '';
    const page = await open(await photoPath(file));
    const fields = page.getByRole('region', { name: 'Class, split and tags' });
    await fields.getByLabel('Tags').first().fill('special');
    await page.keyboard.press('Enter');
    await expect.poll(() => filesBehind({ tags: ['special'] }), WITHIN).toEqual([file]);
    await fields.getByLabel('Class').first().fill('something new');
    await page.keyboard.press('Tab');
    await expect.poll(() => filesBehind({ classes: ['something new'] }), WITHIN).toEqual([file]);
  });

  it('a class is saved once by Enter, and the keyboard stays in its field', async () => {
    const file = photos[6]?.file ?? '';
    const page = await open(await photoPath(file));
    const field = page.getByRole('region', { name: 'Class, split and tags' }).getByLabel('Class').first();
    await field.fill('saved once');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);
    const { data } = await server.query<{ dataset: { changes: { edges: { node: { summary: string } }[] } } }>(
      'query ($id: ID!) { dataset(id: $id) { changes(first: 100) { edges { node { summary } } } } }',
      { id: datasetId },
    );
    const saved = data?.dataset.changes.edges.filter(({ node }) => node.summary.includes('saved once'));
    expect(saved).toHaveLength(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => field.inputValue(), WITHIN).toBe(photos[6]?.class ?? '');
  });

  it('the tab is named after the photo, and after its dataset on the way back', async () => {
    const page = await open(await photoPath(photos[0]?.file ?? ''));
    await expect
      .poll(() => page.title(), WITHIN)
      .toBe(`${basename(photos[0]?.file ?? '')} · scenes · Freestyle`);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.title(), WITHIN).toBe('scenes · Freestyle');
    await page.reload();
    await expect.poll(() => page.title(), WITHIN).toBe('scenes · Freestyle');
  });

  it('its likes are one click away', async () => {
    const page = await open(await photoPath(photos[2]?.file ?? ''));
    await page.getByRole('link', { name: 'Find similar' }).click();
    await page.locator('[data-results] li button').first().waitFor();
    expect(param(page, 'q')[0]).toMatch(/^photo:/);
  });

  it('a photo that is not there is told as such', async () => {
    const unknown = Buffer.from('Image:00000000-0000-7000-8000-000000000000').toString('base64');
    const page = await open(`${datasetPath()}/photos/${encodeURIComponent(unknown)}`);
    await page.getByRole('heading', { name: 'There is no such photo' }).waitFor();
  });
});

describe('labelling by keyboard', () => {
  it('number keys label and go on, z takes back, and each label is saved', async () => {
    const val = filesWhere(({ split }) => split === 'val');
    const page = await open(`${datasetPath()}/label?split=val&label=keep&label=drop`);
    await page.getByText(`1 of ${val.length} · 0 labelled`).waitFor();
    await page.locator('[data-stage] img').waitFor();
    await page.keyboard.press('1');
    await page.getByText(`2 of ${val.length} · 1 labelled`).waitFor();
    await page.keyboard.press('2');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('1');
    await page.getByText(`5 of ${val.length} · 3 labelled`).waitFor();
    await page.keyboard.press('z');
    await page.getByText(`4 of ${val.length} · 2 labelled`).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: /drop/, pressed: true }).waitFor();
    await expect.poll(() => filesBehind({ classes: ['keep'] }), WITHIN).toEqual(val.slice(0, 1));
    await expect.poll(() => filesBehind({ classes: ['drop'] }), WITHIN).toEqual(val.slice(1, 2));
    await page.keyboard.press('Escape');
    await page.waitForURL(`**${datasetPath('split=val')}`);
  });

  it('the list is chosen first, with the classes that are there', async () => {
    const tagged = await server.query(
      `mutation ($input: ChangeImagesInput!) { changeImages(input: $input) { __typename } }`,
      { input: { selection: { datasetId }, addTags: ['special'] } },
    );
    expect(tagged.data).toEqual({ changeImages: { __typename: 'ChangeImagesSuccess' } });
    const page = await open(`${datasetPath()}/label`);
    await page.getByText('Give tags').click();
    const field = page.getByLabel('Tags on the keys 1 to 9').first();
    // The tag in use is chosen already; taken away, it is in a list that lies over the button below, until Enter
    // puts the list away.
    await page.getByText('special', { exact: true }).waitFor();
    await field.press('Backspace');
    await page.getByRole('option', { name: 'special' }).waitFor();
    await field.fill('sharp');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Label ${PHOTOS} photos` }).click();
    const key = await page.getByRole('button', { name: /sharp/ }).locator('kbd').textContent();
    await page.locator('[data-stage] img').waitFor();
    await page.keyboard.press(key ?? '');
    await page.getByRole('button', { name: /sharp/, pressed: true }).waitFor();
    await expect.poll(() => filesBehind({ tags: ['sharp'] }), WITHIN).toEqual([photos[0]?.file]);
    await page.keyboard.press(key ?? '');
    await expect.poll(() => filesBehind({ tags: ['sharp'] }), WITHIN).toEqual([]);
  });
});

describe('statistics', () => {
  it('the table beside a chart counts what is behind the filter', async () => {
    const page = await open(datasetPath('tab=statistics&no-style=sketch'));
    const splits = page.getByRole('region', { name: 'Splits', exact: true });
    await splits.getByText('Table').click();
    const rows = splits.getByRole('row');
    for (const split of ['train', 'val']) {
      const count = filesWhere((photo) => photo.split === split && !photo.hasSketch).length;
      const row = rows.filter({ has: page.getByRole('rowheader', { name: split, exact: true }) });
      await expect.poll(() => row.getByRole('cell').first().textContent(), WITHIN).toBe(String(count));
    }
    await page.getByRole('button', { name: 'Remove filter Lacks style: No sketch' }).click();
    const train = filesWhere(({ split }) => split === 'train').length;
    const row = rows.filter({ has: page.getByRole('rowheader', { name: 'train', exact: true }) });
    await expect.poll(() => row.getByRole('cell').first().textContent(), WITHIN).toBe(String(train));
  });
});

describe('every page of a dataset', () => {
  const pages: readonly [name: string, path: () => Promise<string>, ready: (page: Page) => Locator][] = [
    ['photos', async () => datasetPath('no-style=sketch'), (page) => tiles(page).first()],
    [
      'a photo',
      () => photoPath(photos[0]?.file ?? ''),
      (page) => page.getByRole('region', { name: 'Query versions' }).getByRole('img').first(),
    ],
    [
      'the labelling mode',
      async () => `${datasetPath()}/label?label=keep&label=drop`,
      (page) => page.locator('[data-stage] img'),
    ],
    [
      'the choice of labels',
      async () => `${datasetPath()}/label`,
      (page) => page.getByRole('button', { name: /^Label \d/ }),
    ],
    [
      'the statistics',
      async () => datasetPath('tab=statistics'),
      (page) => page.locator('.recharts-bar-rectangle').first(),
    ],
  ];

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no serious barrier in the ${colorScheme} theme`, async () => {
      for (const [name, path, ready] of pages) {
        const page = await open(await path(), { colorScheme });
        await ready(page).waitFor();
        expect(await seriousBarriers(page), name).toEqual([]);
      }
    });
  }

  it('has no serious barrier while photos are marked, and in its dialog', async () => {
    const page = await open(datasetPath());
    await grid(page).getByRole('checkbox').first().click();
    await bar(page).waitFor();
    expect(await seriousBarriers(page)).toEqual([]);
    await bar(page).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 photo' }).waitFor();
    expect(await seriousBarriers(page)).toEqual([]);
  });

  it('fits a phone 360 pixels wide, where the filter is a sheet', async () => {
    for (const [name, path, ready] of pages) {
      const page = await open(await path(), PHONE);
      await ready(page).waitFor();
      expect(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
      expect(await seriousBarriers(page), name).toEqual([]);
    }
    const page = await open(datasetPath(), PHONE);
    await page.getByRole('button', { name: 'Filter' }).click();
    const sheet = page.getByRole('dialog', { name: 'Filter' });
    await sheet.getByRole('checkbox', { name: /^val\s*\d+$/ }).click();
    const count = filesWhere(({ split }) => split === 'val').length;
    await sheet.getByRole('button', { name: `Show ${count} photos` }).click();
    await page.getByText(`${count} of ${PHOTOS} photos`).waitFor();
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    expect(await seriousBarriers(page)).toEqual([]);
  });
});

const focusedName = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
