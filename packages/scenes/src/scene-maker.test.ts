import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDatasetFolder } from '@freestyle/core/datasets';
import { type RgbImage, readImage } from '@freestyle/core/image';
import { afterEach, describe, expect, it } from 'vitest';
import { describeScene } from './describe-scene.js';
import { renderScene, sceneSvg } from './render-scene.js';
import { distinctScenes, makeScene, writeDemoGallery } from './scene-maker.js';
import { settings } from './settings.js';
import { subjects } from './subjects.js';

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});
async function freshDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'freestyle-demo-'));
  dirs.push(dir);
  return dir;
}
const deviation = (image: RgbImage): number => {
  const mean = image.data.reduce((sum, v) => sum + v, 0) / image.data.length;
  return Math.sqrt(image.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / image.data.length);
};

describe('makeScene', () => {
  it('gives the same bytes for the same seed and another scene for another', async () => {
    const [a, b, c] = await Promise.all([makeScene(11), makeScene(11), makeScene(12)]);
    for (const part of ['image', 'sketch', 'cartoon', 'lowres'] as const) {
      expect(Buffer.compare(a[part].data, b[part].data), part).toBe(0);
      expect([a[part].width, a[part].height]).toEqual([400, 300]);
    }
    expect(a.captions).toEqual(b.captions);
    expect(Buffer.compare(a.image.data, c.image.data)).not.toBe(0);
  });

  it('draws a sketch of dark lines on white, a photo and a cartoon full of colour', async () => {
    const scene = await makeScene(3);
    const white = scene.sketch.data.filter((v) => v > 240).length / scene.sketch.data.length;
    expect(white).toBeGreaterThan(0.75);
    expect(scene.sketch.data.filter((v) => v < 90).length / scene.sketch.data.length).toBeGreaterThan(0.005);
    expect(deviation(scene.image)).toBeGreaterThan(25);
    expect(deviation(scene.cartoon)).toBeGreaterThan(25);
  });
});

describe('describeScene', () => {
  const many = [...distinctScenes(400, 1)];

  it('shows every subject and every setting within four hundred scenes, each in a place that fits', () => {
    expect(new Set(many.map((scene) => scene.main.subject)).size).toBe(Object.keys(subjects).length);
    expect(new Set(many.map((scene) => scene.settingName)).size).toBe(Object.keys(settings).length);
    for (const { main, setting } of many) {
      expect(main.subject.places.some((place) => setting.places.includes(place))).toBe(true);
    }
  });

  it('never says the same caption twice, and names number and colour', () => {
    const captions = many.map((scene) => scene.captions[0]);
    expect(new Set(captions).size).toBe(400);
    for (const {
      main,
      captions: [first, second],
    } of many) {
      const number =
        main.count === 1 ? /^an? / : new RegExp(`^${['', '', 'two', 'three', 'four', 'five'][main.count]} `);
      expect(first).toMatch(number);
      if (main.colour !== undefined) {
        expect(first).toContain(main.colour);
        expect(second).toContain(main.colour);
      }
      expect(first).not.toMatch(/\{|undefined| {2}|\ba [aeio]/);
    }
  });

  it('takes any whole number as seed', () => {
    for (const seed of [0, -1, -51, 2 ** 40]) expect(describeScene(seed).class).not.toBe('');
  });
});

describe('every subject', () => {
  const first = [...distinctScenes(120, 5)];
  it.each(Object.keys(subjects))('%s is seen in photo, cartoon and sketch alike', async (name) => {
    const scene = first.find(({ main }) => main.subject === subjects[name]);
    if (scene === undefined) throw new Error(`no scene shows ${name}`);
    const nothing = { ...scene, main: { ...scene.main, count: 0 } };
    for (const mode of ['photo', 'cartoon', 'sketch'] as const) {
      const [shown, empty] = [await renderScene(scene, mode), await renderScene(nothing, mode)];
      let changed = 0;
      for (let p = 0; p < shown.data.length; p += 3) {
        if (Math.abs((shown.data[p] ?? 0) - (empty.data[p] ?? 0)) > 12) changed += 1;
      }
      // At least a patch of 20 × 20 pixels in colour, a line of some length in the sketch.
      expect(changed, mode).toBeGreaterThan(mode === 'sketch' ? 150 : 400);
    }
  });

  it('is drawn from numbers alone: no scene holds NaN or a reference to a file', () => {
    for (const scene of first) {
      for (const mode of ['photo', 'cartoon', 'sketch'] as const) {
        expect(/.{0,60}(NaN|undefined|Infinity|href)/.exec(sceneSvg(scene, mode))?.[0]).toBeUndefined();
      }
    }
  });
});

describe('writeDemoGallery', () => {
  it('writes a dataset folder that the reader takes whole, and reports each scene', async () => {
    const dir = await freshDir();
    const seen: number[] = [];
    await writeDemoGallery(dir, { count: 5, seed: 2, onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const dataset = await readDatasetFolder(dir);
    expect(dataset.images).toHaveLength(5);
    expect(dataset.splits).toEqual(['train', 'val']);
    expect(dataset.images.every((image) => image.captions.length === 2 && image.class !== undefined)).toBe(
      true,
    );
    expect(dataset.queries.map((query) => query.style).slice(0, 3)).toEqual(['sketch', 'cartoon', 'lowres']);
    const sketch = dataset.queries.find((query) => 'path' in query);
    expect((await readImage(sketch !== undefined && 'path' in sketch ? sketch.path : '')).width).toBe(400);
  });

  it('leaves no manifest behind when it is stopped', async () => {
    const dir = await freshDir();
    const stop = new AbortController();
    const writing = writeDemoGallery(dir, { count: 5, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
    await expect(readDatasetFolder(dir)).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  });
});
