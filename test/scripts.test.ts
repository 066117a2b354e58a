import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript that runs before anything is installed
import { isInstalled } from '../scripts/setup/install.mjs';
// @ts-expect-error as above
import { nodeVersionProblem } from '../scripts/setup/node-version.mjs';
// @ts-expect-error as above
import { readOptions } from '../scripts/start/options.mjs';
// @ts-expect-error as above
import { runVitest } from '../scripts/test/run-vitest.mjs';
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
      modelIsGiven: false,
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

describe('a run of the tests', () => {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    home = await temporaryFolder();
    await symlink(
      fileURLToPath(new URL('../node_modules', import.meta.url)),
      join(home.path, 'node_modules'),
    );
    await writeFile(join(home.path, 'vitest.config.mjs'), 'export default {};');
  });
  afterAll(() => home.remove());

  async function run(name: string, body: string) {
    const head =
      "import { existsSync, writeFileSync } from 'node:fs';\nimport { expect, it } from 'vitest';\n";
    await writeFile(join(home.path, `${name}.test.mjs`), head + body);
    return runVitest(home.path, [name], {}, 'ignore');
  }

  it('tries a file again in which one failed, and names what passed only then', async () => {
    const outcome = await run(
      'shaky',
      `it('steady', () => {});
       it('shaky', () => { const known = existsSync('ran'); writeFileSync('ran', ''); expect(known).toBe(true); });
       it('wrong', () => expect(1).toBe(2));
       it.skip('left out', () => {});`,
    );
    expect(outcome.files).toEqual({
      'shaky.test.mjs': {
        passed: 2,
        failed: [{ name: 'wrong', message: expect.stringContaining('expected 1 to be 2') }],
        skipped: ['left out'],
      },
    });
    expect(outcome.unsteady).toEqual([
      expect.stringMatching(/^shaky\.test\.mjs shaky: .*expected false to be true/),
    ]);
    expect(outcome.errors).toEqual([]);
  });

  it('fails for an error outside of any test, for a file that cannot be read, and for a broken start', async () => {
    const outside = await run(
      'outside',
      `it('fine', () => { setTimeout(() => { throw new Error('late'); }); });`,
    );
    expect(outside.errors).toEqual(['late']);

    const unread = await run('unread', `import './missing.mjs';`);
    expect(unread.files['unread.test.mjs']).toMatchObject({
      passed: 0,
      failed: [{ name: '(the file itself)', message: expect.stringContaining('missing.mjs') }],
    });

    expect((await runVitest(home.path, ['--no-such-option'], {}, 'ignore')).errors).toEqual([
      expect.stringMatching(/^vitest ended with code 1/),
    ]);
  });
});
