import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page of its own: no cookies, no stored settings of another test. Close its context when done. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  // A busy machine needs its time; what does not come at all still fails.
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  return page;
}

/** What axe finds that keeps people out: `impact rule: first element`. */
export async function seriousBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes[0]?.html ?? ''}`);
}

/** {@link seriousBarriers} of a page in light, in dark and, last, at 360 pixels, as which it stays. */
export async function barriersInEveryMode(page: Page): Promise<Record<'light' | 'dark' | 'phone', string[]>> {
  const inScheme = async (colorScheme: 'light' | 'dark') => {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
    return seriousBarriers(page);
  };
  const light = await inScheme('light');
  const dark = await inScheme('dark');
  await page.setViewportSize({ width: 360, height: 740 });
  return { light, dark, phone: await seriousBarriers(page) };
}

export const NO_BARRIERS = { light: [], dark: [], phone: [] };

export type Share = readonly [number, number];

/** Draws one line on the sketch pad; points are shares of its width and height. */
export async function drawLine(page: Page, points: readonly Share[]): Promise<void> {
  const box = await page.locator('canvas').boundingBox();
  if (!box) throw new Error('The sketch pad is not on the page.');
  const at = ([x, y]: Share) => [box.x + box.width * x, box.y + box.height * y] as const;
  const [first, ...rest] = points;
  if (!first) return;
  await page.mouse.move(...at(first));
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}

/** Drops a file on the page, as a person does who drags it from a folder. */
export async function dropFile(page: Page, name: string, type: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ({ name, type, base64 }) => {
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], name, { type }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    { name, type, base64: Buffer.from(bytes).toString('base64') },
  );
}

/** Drags a folder or file of this machine from outside onto an element, as from a file manager. */
export async function dropFromDisk(page: Page, selector: string, path: string): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not on the page.`);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const [x, y] = [box.x + box.width / 2, box.y + 20];
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x, y, data });
  }
  await session.detach();
}

/** How far the page is wider than the screen, in pixels. */
export const sidewaysOverflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
