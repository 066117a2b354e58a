import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createStyleWorkers } from '../apps/api/src/modules/build/style-workers.js';
import { ensureBuilt } from '../apps/api/src/testing/build.js';
import { createGate } from '../apps/api/src/testing/gate.js';
import type { TestServer } from '../apps/api/src/testing/test-server.js';
import { rowIdOf, untilNoticed } from '../apps/api/src/testing/until-noticed.js';
import { downloadExport } from '../apps/api/src/testing/unzip.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';
import { writeSceneFolder } from './support/scene-folder.js';

/** More than two batches of a build: one that is stopped in the first has still something left to do. */
const PHOTOS = 14;
const WITHIN = { timeout: 60_000 } as const;
/** Made of every photo by the first test; the others count on it. */
const FIRST_BUILD = 3 * PHOTOS;

/** Each photo of a build waits here until the test lets it on; open, unless a test holds a build. */
const gate = createGate();

let server: TestServer;
let browser: Browser;
let datasetId: string;
const opened: Page[] = [];

beforeAll(async () => {
  // Pictures are made by threads that run the compiled code.
  ensureBuilt();
  gate.open();
  const styleWorkers = createStyleWorkers();
  const make: typeof styleWorkers.make = async (task) => {
    if (!task.urgent) await gate.pass();
    return styleWorkers.make(task);
  };
  [server, browser] = await Promise.all([
    startDashboardServer({ styleWorkers: { ...styleWorkers, make } }),
    launchBrowser(),
  ]);
  const folder = join(server.folder, 'scenes');
  await writeSceneFolder(folder, PHOTOS);
  await (await server.importFolder(folder)).finished();
  const { datasets } = await ask<{ datasets: { edges: { node: { id: string } }[] } }>(
    '{ datasets(first: 1) { edges { node { id } } } }',
  );
  datasetId = datasets.edges[0]?.node.id ?? '';
});

afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});

afterAll(async () => {
  gate.open();
  await browser?.close();
  await server?.dispose();
});

async function ask<T>(text: string, variables: Record<string, unknown> = {}): Promise<T> {
  const { data, errors } = await server.query<T>(text, variables);
  if (!data) throw new Error(JSON.stringify(errors));
  return data;
}

async function open(path: string, options?: Parameters<typeof openPage>[2]): Promise<Page> {
  const page = await openPage(browser, server.url + path, options);
  opened.push(page);
  return page;
}

const datasetPath = (rest = '') => `/datasets/${encodeURIComponent(datasetId)}${rest}`;
const STYLES = '?tab=query-styles';
const builder = (page: Page) => page.getByRole('region', { name: 'Make more' });
const makeButton = (page: Page) => builder(page).getByRole('button', { name: /^Make \d/ });

interface MadeRow {
  maker: string | null;
  queryCount: number;
}

/** How many queries the dataset has, by what made them. */
async function made(): Promise<Record<string, number>> {
  const { dataset } = await ask<{ dataset: { queryStyles: MadeRow[] } }>(
    'query ($id: ID!) { dataset(id: $id) { queryStyles { maker queryCount } } }',
    { id: datasetId },
  );
  return Object.fromEntries(dataset.queryStyles.map(({ maker, queryCount }) => [maker ?? '', queryCount]));
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, one) => sum + one, 0);

/** The row id of the job that was begun last. */
async function latestJob(): Promise<string> {
  const { jobs } = await ask<{ jobs: { edges: { node: { id: string } }[] } }>(
    '{ jobs(first: 1) { edges { node { id } } } }',
  );
  return rowIdOf(jobs.edges[0]?.node.id ?? '');
}

async function photos(): Promise<{ id: string; fileName: string }[]> {
  const { dataset } = await ask<{
    dataset: { images: { edges: { node: { id: string; fileName: string } }[] } };
  }>('query ($id: ID!) { dataset(id: $id) { images(first: 100) { edges { node { id fileName } } } } }', {
    id: datasetId,
  });
  return dataset.images.edges.map(({ node }) => node);
}

/** Ticks these makers alone, each with these strengths. */
async function choose(page: Page, makers: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const boxes = builder(page).getByRole('checkbox', { checked: true, name: /^[A-Z]/ });
  await boxes.first().waitFor();
  while ((await boxes.count()) > 0) await boxes.first().uncheck();
  await builder(page).getByText('Choose a maker to see it').waitFor();
  for (const [maker, strengths] of Object.entries(makers)) {
    await builder(page).getByRole('checkbox', { name: maker, exact: true }).check();
    const group = builder(page).getByRole('group', { name: `Strengths of ${maker}` });
    for (const name of ['Light', 'Medium', 'Strong']) {
      const chip = group.getByRole('checkbox', { name });
      // The box itself is hidden behind its name.
      const isOther = (await chip.count()) > 0 && (await chip.isChecked()) !== strengths.includes(name);
      if (isOther) await group.getByText(name, { exact: true }).click();
    }
  }
}

/** Whether a picture is shown, not only named. */
const isShown = (picture: Locator) =>
  picture.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0);

describe('a dataset in many styles', () => {
  it('what was chosen is shown on six photos of one’s own before anything is made', async () => {
    const page = await open(datasetPath(STYLES));
    await choose(page, { 'Pencil drawing': ['Light', 'Strong'], Mosaic: [] });
    const preview = builder(page).getByRole('region', { name: 'Preview' });
    const headers = preview.getByRole('columnheader');
    await expect
      .poll(() => headers.allTextContents(), WITHIN)
      .toEqual(['Photo', 'Pencil drawing, light', 'Pencil drawing, strong', 'Mosaic']);
    const pictures = preview.getByRole('img');
    await expect.poll(() => pictures.count(), WITHIN).toBe(6 * 4);
    for (const picture of await pictures.all()) await expect.poll(() => isShown(picture), WITHIN).toBe(true);
    const sources = await pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).src));
    expect(new Set(sources).size).toBe(6 * 4);
    await makeButton(page)
      .getByText(`Make ${3 * PHOTOS} queries`)
      .waitFor();
    expect(await made()).toEqual({});
  });

  it('what was chosen is made of every photo, once, and is found on the photo’s page', async () => {
    const page = await open(datasetPath(STYLES));
    await choose(page, { 'Pencil drawing': ['Light', 'Strong'], Mosaic: [] });
    await makeButton(page).click();
    await builder(page).getByText(`Done: ${FIRST_BUILD} of ${FIRST_BUILD} ready.`).waitFor();
    expect(await made()).toEqual({ 'sketch-pencil': 2 * PHOTOS, 'lowres-mosaic-16': PHOTOS });
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'Pencil drawing' }) });
    await row.getByText(`${2 * PHOTOS}`, { exact: true }).waitFor();
    await row.getByText('100 %').waitFor();

    await makeButton(page).click();
    await builder(page).getByText('Every photo had these versions already').waitFor();
    expect(sumOf(await made())).toBe(FIRST_BUILD);

    const [photo] = await photos();
    await page.goto(`${server.url}${datasetPath(`/photos/${encodeURIComponent(photo?.id ?? '')}`)}`);
    const versions = page.getByRole('region', { name: 'Query versions' });
    for (const name of [
      'Sketch, Pencil drawing, light',
      'Sketch, Pencil drawing, strong',
      'Low-res, Mosaic',
    ]) {
      await expect.poll(() => isShown(versions.getByRole('img', { name, exact: true })), WITHIN).toBe(true);
    }
  });

  it('a build that is cancelled keeps what it made, and one that is paused goes on to its end', async () => {
    const page = await open(datasetPath(STYLES));
    const makers = ['Ink drawing', 'Cartoon', 'Poster print'];
    await choose(page, Object.fromEntries(makers.map((name) => [name, ['Light', 'Medium', 'Strong']])));
    const wanted = makers.length * 3 * PHOTOS;
    await makeButton(page).getByText(`Make ${wanted} queries`).waitFor();
    gate.close();
    await makeButton(page).click();
    await gate.arrived();
    await builder(page).getByRole('button', { name: 'Cancel' }).click();
    await untilNoticed(server, await latestJob());
    gate.open();
    await builder(page)
      .getByText(/^Cancelled: \d+ of/)
      .waitFor();
    const kept = sumOf(await made()) - FIRST_BUILD;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(wanted);
    expect(
      await builder(page)
        .getByText(/^Cancelled/)
        .textContent(),
    ).toContain(`${kept} of ${wanted} ready`);

    gate.close();
    await makeButton(page).click();
    await gate.arrived();
    await builder(page).getByRole('button', { name: 'Pause' }).click();
    await untilNoticed(server, await latestJob());
    gate.open();
    await builder(page)
      .getByText(/^Paused · /)
      .waitFor();
    const atRest = sumOf(await made());
    await page.reload();
    await builder(page)
      .getByText(/^Paused · /)
      .waitFor();
    expect(sumOf(await made())).toBe(atRest);
    await builder(page).getByRole('button', { name: 'Resume' }).click();
    await builder(page).getByText(`Done: ${wanted} of ${wanted} ready.`).waitFor();
    expect(sumOf(await made())).toBe(FIRST_BUILD + wanted);
  });

  it('it is offered as a dataset folder and in DSR’s layout, both with what was made', async () => {
    const page = await open(datasetPath(STYLES));
    const panel = page.getByRole('region', { name: 'Export' });
    const counts = await made();
    const sketches = (counts['sketch-pencil'] ?? 0) + (counts['sketch-ink'] ?? 0);
    expect(sketches).toBe((2 + 3) * PHOTOS);
    // In DSR a photo has one sketch.
    for (const [name, expected] of [
      ['Dataset folder (zip)', sketches],
      ['DSR layout (zip)', PHOTOS],
    ] as const) {
      const href = await panel.getByRole('link', { name }).getAttribute('href');
      const download = page.waitForEvent('download');
      await panel.getByRole('link', { name }).click();
      expect((await download).suggestedFilename()).toMatch(/\.zip$/);
      await (await download).cancel();
      const files = await downloadExport(server.url + href, join(server.folder, name));
      expect(files.filter((file) => file.startsWith('sketch/')).length, name).toBe(expected);
    }
  });

  it('a split that was asked for is made by lot and taken back by undo', async () => {
    const page = await open(datasetPath(STYLES));
    const panel = page.getByRole('region', { name: 'Split', exact: true });
    const now = panel.getByRole('list', { name: 'Splits now' });
    await now.getByText(`in no split ${PHOTOS}`).waitFor();
    await panel.getByLabel('Share of split 1').fill('40');
    await panel.getByText('The shares add up to 60 %').waitFor();
    for (const [index, percent] of ['70.1', '19.6', '10.3'].entries()) {
      await panel.getByLabel(`Share of split ${index + 1}`).fill(percent);
    }
    await expect.poll(() => panel.getByText('The shares add up to').count(), WITHIN).toBe(0);
    for (const [index, percent] of ['40', '50', '10'].entries()) {
      await panel.getByLabel(`Share of split ${index + 1}`).fill(percent);
    }
    await panel.getByRole('button', { name: `Split ${PHOTOS} photos` }).click();
    await panel.getByText(`${PHOTOS} photos moved.`).waitFor();
    await now.getByText(`val ${PHOTOS / 2}`).waitFor();
    await panel.getByRole('button', { name: 'Undo' }).click();
    await now.getByText(`in no split ${PHOTOS}`).waitFor();
  });
});

describe('versions', () => {
  const diff = (page: Page) => page.getByRole('region', { name: 'What changed' });
  const change = (input: object) =>
    ask(
      `mutation ($input: ChangeImagesInput!) { changeImages(input: $input) {
        ... on Error { message } ... on ChangeImagesSuccess { change { id } } } }`,
      { input },
    );

  it('a version is kept as it was: what is changed afterwards is shown against it, exactly that', async () => {
    const page = await open(datasetPath('?tab=versions'));
    await page.getByLabel('Name of the version').fill('before');
    await page.getByRole('button', { name: 'Make a version' }).click();
    await diff(page).getByText('Nothing differs').waitFor();
    const all = await photos();
    const [captioned, moved, tagged, deleted] = all.map(({ fileName }) => fileName);
    const ids = (...places: number[]) => places.map((place) => all[place]?.id);
    await change({ selection: { datasetId, ids: ids(1) }, split: 'test' });
    await change({ selection: { datasetId, ids: ids(2) }, addTags: ['night'] });
    await change({ selection: { datasetId, ids: ids(3) }, delete: true });
    await page.goto(`${server.url}${datasetPath(`/photos/${encodeURIComponent(all[0]?.id ?? '')}`)}`);
    await page.getByRole('button', { name: 'Add a caption' }).click();
    await page.getByLabel('Caption', { exact: true }).fill('a caption of today');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();

    await page.goto(server.url + datasetPath('?tab=versions'));
    const changed = diff(page).getByRole('list', { name: 'Photos' }).getByRole('listitem');
    await expect
      .poll(() => changed.allInnerTexts().then((texts) => texts.map((text) => text.split(/\n+/))), WITHIN)
      .toEqual([
        [captioned, 'captions', 'a caption of today'],
        [moved, 'split', 'test'],
        [tagged, 'tags', 'night'],
      ]);
    await diff(page)
      .getByRole('tab', { name: /^Removed/ })
      .click();
    await expect.poll(() => changed.count(), WITHIN).toBe(1);
    expect(await changed.first().textContent()).toContain(deleted);
    await expect.poll(() => isShown(changed.first().locator('img')), WITHIN).toBe(true);
    expect(await diff(page).getByRole('tab', { name: /Added/ }).isDisabled()).toBe(true);
  });

  it('two versions can be compared by their address, and one that would hold the same is not made', async () => {
    const page = await open(datasetPath('?tab=versions'));
    await page.getByRole('button', { name: 'Make a version' }).click();
    await page.getByText('Version 2 is made').waitFor();
    const timeline = page.getByRole('list', { name: 'Timeline' });
    await timeline.getByText('As version 2').waitFor();
    await page.getByRole('button', { name: 'Make a version' }).click();
    await page.getByText('Nothing changed since Version 2').waitFor();
    expect(await timeline.getByRole('button', { name: 'Copy the content hash' }).count()).toBe(2);

    await timeline.getByRole('button', { name: '2 Version 2' }).click();
    await page.waitForURL('**from=1&to=2');
    await page.reload();
    await diff(page)
      .getByRole('tab', { name: /^Changed/, selected: true })
      .waitFor();
    const kept = diff(page).getByRole('list', { name: 'Photos' }).getByRole('listitem');
    await expect.poll(() => kept.count(), WITHIN).toBe(3);

    // What was deleted since is in the older one still.
    await timeline.getByRole('button', { name: 'Export Version 1, before' }).click();
    const link = page.getByRole('menuitem', { name: 'Dataset folder (zip)' });
    const files = await downloadExport(
      server.url + (await link.getAttribute('href')),
      join(server.folder, 'version 1'),
    );
    expect(files.filter((file) => /^scene-\d+\.jpg$/.test(file)).length).toBe(PHOTOS);
  });
});

describe('its pages', () => {
  it('an address that is cut off is told as such, with a way back', async () => {
    for (const [path, title] of [
      [datasetPath().slice(0, -8), 'There is no such dataset'],
      [datasetPath('/photos/cut'), 'There is no such photo'],
    ] as const) {
      const page = await open(path);
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
      expect(await page.getByRole('main').getByRole('link').count()).toBe(1);
    }
  });

  const pages: readonly [name: string, path: string, ready: (page: Page) => Locator][] = [
    ['query styles', STYLES, (page) => builder(page).getByRole('img').nth(23)],
    [
      'versions',
      '?tab=versions&from=1&to=2',
      (page) => page.getByRole('region', { name: 'What changed' }).getByRole('listitem').first(),
    ],
    ['imports', '?tab=imports', (page) => page.getByText(`${PHOTOS} indexed`).first()],
  ];

  for (const [name, path, ready] of pages) {
    it(`${name}: no serious barrier in light, dark and on a phone, where nothing is wider than the screen`, async () => {
      const page = await open(datasetPath(path));
      await ready(page).waitFor();
      expect(await barriersInEveryMode(page)).toEqual(NO_BARRIERS);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
    });
  }
});
