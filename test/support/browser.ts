import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where a Chromium is on this machine, or undefined. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path));

/** A host whose name leads to this machine for the browser of the tests alone: its pages come from elsewhere. */
export const ELSEWHERE = 'photos.example';

/** A headless browser that asks nothing of the network. */
export function launchBrowser(): Promise<Browser> {
  if (!chromiumPath) {
    throw new Error('No Chromium here: install the system package "chromium", or name one by CHROMIUM_PATH.');
  }
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
    ],
  });
}
