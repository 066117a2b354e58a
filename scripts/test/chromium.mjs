import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// The same places as in test/support/browser.ts.
const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Makes sure that a browser is there, through the system's packages where this user may install any.
 *  @returns {string | null} what a person has to do, or null */
export function ensureChromium() {
  if (isThere()) return null;
  const asRoot = rootPrefix();
  if (asRoot !== null && runs('apt-get', ['--version'])) {
    process.stderr.write('Installing the system package chromium, for the tests in a browser …\n');
    const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'];
    for (const command of [install, ['apt-get', 'update'], install]) {
      const [program, ...args] = [...asRoot, ...command];
      spawnSync(program, args, {
        stdio: 'ignore',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
      if (isThere()) return null;
    }
  }
  return 'The tests in a browser need the system package "chromium" (or a Chromium named by CHROMIUM_PATH).';
}

const isThere = () => CANDIDATES.some((path) => path && existsSync(path));

/** How to run something as root without being asked anything, or null. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return runs('sudo', ['-n', 'true']) ? ['sudo', '-n'] : null;
}

const runs = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
