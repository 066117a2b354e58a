// Takes docs/images/search.png of a running product with the demo gallery: `npm start -- --data /tmp/demo`, then
//   node test/screenshot.mjs http://127.0.0.1:4000 docs/images/search.png ["the words"]
// The sketch, a boat on waves, is drawn with the mouse on the sketch pad.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const sharp = createRequire(new URL('../packages/core/package.json', import.meta.url))('sharp');

const [url = 'http://127.0.0.1:4000', file, words = 'a sailing boat on a lake'] = process.argv.slice(2);
const output = file ?? fileURLToPath(new URL('../docs/images/search.png', import.meta.url));

/** Lines of shares of the paper's width and height. */
const BOAT = [
  [
    [0.22, 0.62],
    [0.32, 0.76],
    [0.68, 0.76],
    [0.78, 0.62],
    [0.22, 0.62],
  ],
  [
    [0.49, 0.62],
    [0.49, 0.16],
  ],
  [
    [0.49, 0.18],
    [0.72, 0.55],
    [0.49, 0.55],
  ],
  [
    [0.46, 0.24],
    [0.28, 0.55],
    [0.46, 0.55],
  ],
  [
    [0.06, 0.82],
    [0.16, 0.79],
    [0.26, 0.83],
    [0.36, 0.8],
  ],
  [
    [0.58, 0.81],
    [0.7, 0.84],
    [0.82, 0.8],
    [0.94, 0.83],
  ],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage({ viewport: { width: 1360, height: 850 }, colorScheme: 'light' });
await page.goto(url);
await page.getByLabel('Search by words').fill(words);
await page.getByRole('button', { name: 'Sketch', exact: true }).click();
for (const line of BOAT) await draw(line);
const weight = page.getByRole('slider', { name: /^Weight of part 2/ });
for (let step = 0; step < 4; step++) await weight.press('ArrowLeft');
await page.waitForFunction(() => document.querySelector('[data-results]:not([data-stale]) li img'));
await page.waitForLoadState('networkidle');
await page.evaluate(() => document.activeElement?.blur());
await page.mouse.move(680, 60);
await page.waitForTimeout(1000);
// A palette is hard to tell from all colours, and a third of the size.
await sharp(await page.screenshot())
  .png({ palette: true, quality: 90, effort: 10 })
  .toFile(output);
await browser.close();

async function draw(line) {
  const box = await page.locator('canvas').boundingBox();
  const [first, ...rest] = line.map(([x, y]) => [box.x + box.width * x, box.y + box.height * y]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 8 });
  await page.mouse.up();
}
