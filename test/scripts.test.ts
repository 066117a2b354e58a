import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript that runs before anything is installed
import { isInstalled } from '../scripts/setup/install.mjs';
// @ts-expect-error as above
import { nodeVersionProblem } from '../scripts/setup/node-version.mjs';
// @ts-expect-error as above
import { readOptions } from '../scripts/start/options.mjs';
import { temporaryFolder } from './support/start-script.js';

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.1.0'])('%s will do', (version) => {
    expect(nodeVersionProblem(version)).toBeNull();
  });

  it.each(['18.20.0', '20.18.3', '21.7.0', '22.11.0', '23.5.0'])('%s is refused by one line', (version) => {
    expect(nodeVersionProblem(version)).toMatch(
      new RegExp(`^Node ${version} is not supported.*20\\.19.*22\\.12.*24`),
    );
  });
});

describe('the command line of the start', () => {
  const read = (...argv: string[]) => readOptions(argv, { root: '/product', cwd: '/home/somebody' });

  it('a path is meant from where it was typed', () => {
    expect(read('photos', '--data', '../data')).toMatchObject({
      folder: '/home/somebody/photos',
      dataDir: '/home/data',
    });
  });

  it('without anything: no folder, loopback, the data inside the checkout', () => {
    expect(read()).toEqual({
      folder: null,
      port: 4000,
      host: '127.0.0.1',
      dataDir: '/product/.freestyle',
      model: 'freestyle-small',
      provider: 'auto',
    });
  });

  it.each([
    [['--port', '70000'], /--port.*65535.*70000/],
    [['--port', '4e3'], /--port.*4e3/],
    [['--provider', 'gpu'], /--provider.*cuda.*gpu/],
    [['--model', ''], /--model/],
    [['one', 'two'], /one folder.*one, two/],
    [['--colour'], /--colour/],
  ])('%j is refused with what was expected', (argv, message) => {
    expect(() => read(...argv)).toThrow(message);
  });
});

describe('whether the packages are installed', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  const lock = {
    '': { name: 'root' },
    'packages/core': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/for-windows': { version: '1.0.0', optional: true },
  };
  const present = { 'node_modules/a': { version: '1.0.0' } };

  beforeAll(async () => {
    home = await temporaryFolder();
  });
  afterAll(() => home.remove());

  async function check(found: object | null): Promise<boolean> {
    await mkdir(join(home.path, 'node_modules'), { recursive: true });
    await writeFile(join(home.path, 'package-lock.json'), JSON.stringify({ packages: lock }));
    const note = found === null ? '{"packages"' : JSON.stringify({ packages: found });
    await writeFile(join(home.path, 'node_modules/.package-lock.json'), note);
    return isInstalled(home.path);
  }

  it('yes where every package is there in its version, whatever was left out for other systems', async () => {
    expect(await check(present)).toBe(true);
  });

  it('no where one is missing, has another version, or the installation was broken off', async () => {
    expect(await check({})).toBe(false);
    expect(await check({ 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(await check(null)).toBe(false);
  });
});
