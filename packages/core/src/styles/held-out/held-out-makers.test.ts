import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stripes } from '../../testing/index.js';
import type { StyleMakerEntry } from '../style-maker.js';
import { styleMaker, styleMakerNames, styleMakers } from '../style-makers.js';
import { heldOutMakers, heldOutNames } from './held-out-makers.js';

const STYLES = ['art', 'sketch', 'lowres'] as const;

describe.each(Object.entries(heldOutMakers))('%s', (_name, { make }) => {
  it('gives the same bytes for the same seed, keeps the size and leaves the photo as it is', async () => {
    const photo = stripes(3, 64);
    const before = photo.data.slice();
    const first = await make(photo, { seed: 5, strength: 0.4 });
    expect(await make(photo, { seed: 5, strength: 0.4 })).toEqual(first);
    expect([first.width, first.height, first.data.length]).toEqual([64, 64, 64 * 64 * 3]);
    expect(photo.data).toEqual(before);
  });

  it.each([
    [40, 17],
    [1, 9],
  ])('draws a picture of %i × %i', async (width, height) => {
    const photo = { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, p) => p * 7) };
    for (const strength of [0, 1]) {
      const made = await make(photo, { seed: 1, strength });
      expect([made.width, made.height, made.data.length]).toEqual([width, height, width * height * 3]);
    }
  });
});

describe('makers that no training sees', () => {
  it('are there for every style: two painters and two sketchers at least', () => {
    expect(heldOutNames('art').length).toBeGreaterThanOrEqual(2);
    expect(heldOutNames('sketch').length).toBeGreaterThanOrEqual(2);
    expect(heldOutNames('lowres').length).toBeGreaterThanOrEqual(1);
  });

  it('are not among the makers that training and the product draw from', () => {
    for (const name of Object.keys(heldOutMakers)) {
      expect(() => styleMaker(name)).toThrow(/no style maker/);
      expect(Object.keys(styleMakers)).not.toContain(name);
    }
    for (const style of STYLES) {
      expect(styleMakerNames(style).filter((name) => Object.hasOwn(heldOutMakers, name))).toEqual([]);
    }
  });

  it('fit nowhere where a maker of training is wanted', () => {
    const [entry] = Object.values(heldOutMakers);
    // @ts-expect-error: `heldOut` is true in the one type and absent in the other.
    const wanted: StyleMakerEntry | undefined = entry;
    expect(wanted).toBe(entry);
  });

  it('are reached from no file of training, nor from what draws the pictures of training', async () => {
    const source = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
    const starts = await Promise.all(
      ['training', 'styles/randomised'].map(async (room) =>
        (await readdir(join(source, room), { recursive: true }))
          .filter((name) => name.endsWith('.ts') && !name.includes('.test.'))
          .map((name) => join(source, room, name)),
      ),
    );
    const reached = await filesReached(starts.flat());
    const wrong = [...reached].map((path) => relative(source, path)).filter((path) => DRAWERS.test(path));
    expect(wrong).toEqual([]);
    // A guard that reads nothing guards nothing.
    expect(reached.size).toBeGreaterThan(100);
  });
});

// The list of their names may be read, so that their pictures can be refused; the files that draw may not.
const DRAWERS = /^styles\/held-out\/(?!held-out-names)/;

async function filesReached(starts: readonly string[]): Promise<Set<string>> {
  const reached = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = await readFile(path, 'utf8');
    for (const [, from = ''] of text.matchAll(/from '(\.[^']+)\.js'/g))
      open.push(`${resolve(dirname(path), from)}.ts`);
  }
  return reached;
}
