// Long, because it is one story: each step needs what the one before made.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeTinyClip } from '@freestyle/core/testing';
import { writeDemoGallery } from '@freestyle/scenes';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openModel } from '../apps/api/src/modules/model/open-model.js';
import { type HubStandIn, startHubStandIn } from '../apps/api/src/testing/hub-stand-in.js';
import { type TestServer, temporaryFolder } from '../apps/api/src/testing/test-server.js';
import { launchBrowser } from './support/browser.js';
import { barriersInEveryMode, NO_BARRIERS, openPage, sidewaysOverflow } from './support/browser-page.js';
import { startDashboardServer } from './support/dashboard-server.js';

const PHOTOS = 24;
/** Work on two cores, beside other tests. */
const LONG = { timeout: 300_000 } as const;

let server: TestServer;
let browser: Browser;
let hub: HubStandIn;
let page: Page;
/** Pictures of every page, where somebody wants to look at them. */
const SHOTS = process.env.FREESTYLE_SHOTS;

beforeAll(async () => {
  browser = await launchBrowser();
  const clip = join(await temporaryFolder(), 'tiny-clip');
  await writeTinyClip(clip);
  await writeFile(
    join(clip, 'README.md'),
    '---\nlicense: mit\n---\n# CLIP, tiny and untrained\n\nFor tests.\n',
  );
  hub = await startHubStandIn({ 'openai/clip-vit-base-patch32': clip });
  server = await startDashboardServer({
    model: await openModel('freestyle-small', 'cpu'),
    modelName: 'freestyle-small',
    hub: { cacheFolder: '/nowhere', baseUrl: hub.baseUrl, retryDelayMs: 1 },
  });
  const folder = join(server.folder, 'scenes');
  await writeDemoGallery(folder, { count: PHOTOS });
  await (await server.importFolder(folder, { name: 'scenes' })).finished();
  page = await openPage(browser, `${server.url}/models`);
  page.setDefaultTimeout(60_000);
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  await hub?.close();
});

/** Looks at a page on a desktop, in the dark and on a phone: nothing keeps people out, nothing is wider than the screen. */
async function lookAt(path: string, name: string, ready: string): Promise<void> {
  const own = await openPage(browser, server.url + path);
  await own.getByText(ready).first().waitFor();
  if (SHOTS) await shoot(own, name);
  expect(await barriersInEveryMode(own), name).toEqual(NO_BARRIERS);
  expect(await sidewaysOverflow(own), name).toBeLessThanOrEqual(0);
  await own.context().close();
}

async function shoot(own: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  await own.waitForTimeout(600);
  await own.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  await own.emulateMedia({ colorScheme: 'dark' });
  await own.waitForTimeout(200);
  await own.screenshot({ path: join(SHOTS, `${name}-dark.png`), fullPage: true });
  await own.emulateMedia({ colorScheme: 'light' });
  await own.setViewportSize({ width: 360, height: 740 });
  await own.waitForTimeout(300);
  await own.screenshot({ path: join(SHOTS, `${name}-phone.png`), fullPage: true });
  await own.setViewportSize({ width: 1280, height: 800 });
}

const liveName = async () =>
  (await server.query<{ model: { name: string } }>('{ model { name } }')).data?.model.name;

it('a curator trains an encoder after an estimate, and watches it', async () => {
  await page.getByText('freestyle-small answers searches').waitFor();
  await page.getByRole('link', { name: 'Train one in about two minutes' }).click();
  const form = page.getByRole('dialog', { name: 'New training' });
  await form.getByRole('combobox', { name: 'Method' }).click();
  await page.getByRole('option', { name: 'Linear' }).click();
  await form.getByLabel('Queries in a step').fill('8');
  await form.getByRole('textbox', { name: 'How many minutes' }).fill('2');
  await form.getByLabel('Name').fill('from scenes');
  expect(await form.getByRole('button', { name: /^Train/ }).isDisabled()).toBe(true);
  await form.getByRole('button', { name: 'Estimate the time' }).click();
  await form.getByText(/^About .* steps on \d+ photos, judged on \d+/).waitFor(LONG);
  if (SHOTS) await shoot(page, 'training-new');
  // The estimate was of two minutes; a dozen steps are enough here.
  await form.getByText('Steps', { exact: true }).first().click();
  await form.getByRole('textbox', { name: 'How many steps' }).fill('12');
  await form.getByRole('button', { name: 'Train 12 steps' }).click();
  await page.getByRole('heading', { name: 'from scenes' }).waitFor();
  await page.getByRole('link', { name: 'To the gate' }).waitFor(LONG);
  await page.getByText('12 of 12').first().waitFor();
  await page.getByRole('img', { name: /^Loss: loss from/ }).waitFor();
  await page.getByRole('img', { name: /^hit@1 by style, unseen makers/ }).waitFor();
  await page.getByText(/photos to learn from, .* to judge by/).waitFor();
  await lookAt(new URL(page.url()).pathname, 'run', 'Images a second');
}, 900_000);

it('beside the live one the gate shows every style, and past it a reason is asked for and kept', async () => {
  await page.getByRole('link', { name: 'To the gate' }).click();
  await page.getByText('It was not judged yet on the same data').waitFor();
  await page.getByRole('button', { name: 'Evaluate beside freestyle-small' }).click();
  await page.getByText('Both were judged on scenes v1.').waitFor(LONG);
  await page.getByRole('table').getByText('sketch').first().waitFor();
  await lookAt(new URL(page.url()).pathname, 'model', 'Before it answers');
  const open = page.getByRole('button', { name: 'Promote', exact: true });
  const past = page.getByRole('button', { name: 'Promote all the same' });
  if (await past.isVisible()) {
    await past.click();
    const dialog = page.getByRole('dialog', { name: /past the gate/ });
    expect(await dialog.getByRole('button', { name: 'Promote' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Why all the same').fill('to see it in a search');
    await dialog.getByRole('button', { name: 'Promote' }).click();
  } else await open.click();
  await expect.poll(liveName, LONG).toBe('from scenes');
  await page.getByText('live', { exact: true }).first().waitFor();
}, 900_000);

it('searches go through it until it is rolled back', async () => {
  const search = await openPage(browser, `${server.url}/`);
  await search.getByLabel('Search by words').fill('a boat on a lake');
  await search.locator('[data-results] li img').first().waitFor();
  await search.context().close();
  await page.goto(`${server.url}/models?view=history`);
  await page.getByText('Promoted').first().waitFor();
  await lookAt('/models?view=history', 'models-history', 'Promoted');
  await page.getByRole('button', { name: 'Roll back to freestyle-small' }).click();
  await expect.poll(liveName, LONG).toBe('freestyle-small');
  await page.getByText('Rolled back to').waitFor();
  await lookAt('/models', 'models', 'from scenes');
  await lookAt('/training', 'training', 'from scenes');
}, 600_000);

it('a model is fetched by its name, encodes the gallery beside, and searches are switched to it and back', async () => {
  await page.goto(`${server.url}/models?view=better`);
  await page.getByRole('button', { name: 'Fetch CLIP ViT-B/32' }).click();
  await page
    .getByRole('link', { name: 'It is here' })
    .waitFor({ timeout: 1 })
    .catch(() => {});
  await expect
    .poll(async () => {
      const { data } = await server.query<{ models: { edges: { node: { name: string } }[] } }>(
        '{ models(first: 50) { edges { node { name } } } }',
      );
      return data?.models.edges.map(({ node }) => node.name);
    }, LONG)
    .toContain('openai/clip-vit-base-patch32');
  await page.reload();
  await page.getByRole('link', { name: 'It is here' }).waitFor();
  await lookAt('/models?view=better', 'models-better', 'It is here');
  await page.goto(`${server.url}/models?view=spaces`);
  const clip = page.locator('[data-space="openai/clip-vit-base-patch32"]');
  await clip.getByRole('button', { name: 'Encode the gallery beside' }).click();
  await clip.getByRole('button', { name: 'Switch searches here' }).waitFor(LONG);
  await clip.getByText('0 photos without a vector').waitFor();
  await lookAt('/models?view=spaces', 'models-spaces', 'Switch searches here');
  await clip.getByRole('button', { name: 'Switch searches here' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('to see another space at work');
  await dialog.getByRole('button', { name: 'Switch' }).click();
  await expect.poll(liveName, LONG).toBe('openai/clip-vit-base-patch32');
  await clip.getByText('searched', { exact: true }).waitFor();
  await page.goto(`${server.url}/models?view=history`);
  await page.getByRole('button', { name: 'Roll back to freestyle-small' }).click();
  await expect.poll(liveName, LONG).toBe('freestyle-small');
}, 600_000);

it('a name that is not there is told where it was typed, and by the job', async () => {
  await page.goto(`${server.url}/models?add=1`);
  const dialog = page.getByRole('dialog', { name: 'Add a model' });
  await dialog.getByLabel('Name on the hub').fill('no name');
  await dialog.getByRole('button', { name: 'Fetch' }).click();
  await dialog
    .getByRole('alert')
    .getByText(/expected a model on a hub such as/)
    .waitFor();
  if (SHOTS) await shoot(page, 'models-add');
  await dialog.getByLabel('Name on the hub').fill('someone/nothing');
  await dialog.getByRole('button', { name: 'Fetch' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const jobs = page.getByRole('region', { name: 'Jobs' });
  await jobs.getByRole('button').first().click();
  await jobs.getByText(/someone\/nothing is not there/).waitFor(LONG);
}, 300_000);
