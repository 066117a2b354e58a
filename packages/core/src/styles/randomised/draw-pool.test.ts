import { expect, it } from 'vitest';
import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { createDrawPool, DrawPoolError } from './draw-pool.js';
import { type DrawTask, drawTask } from './draw-query.js';

function noise(seed: number): RgbImage {
  const random = createRandom(seed);
  return { width: 24, height: 24, data: Uint8Array.from({ length: 24 * 24 * 3 }, () => random.integer(256)) };
}

const paintings = [noise(100), noise(101)];
const tasks: DrawTask[] = Array.from({ length: 21 }, (_, i) => ({ photo: noise(i), seed: `seed ${i}` }));

it('gives the pictures in order, the same ones on one thread, on three and on none', async () => {
  const expected = tasks.map((task) => drawTask(task, { paintings }));
  for (const threads of [1, 3]) {
    const pool = createDrawPool({ threads, paintings });
    const [first, second] = await Promise.all([pool.draw(tasks.slice(0, 10)), pool.draw(tasks.slice(10))]);
    expect([...first, ...second]).toEqual(expected);
    await pool.close();
  }
});

it('leaves the photos to the caller, also those that are part of a larger buffer', async () => {
  const whole = new Uint8Array(24 * 24 * 3 * 2);
  whole.set(noise(1).data, 24 * 24 * 3);
  const photo = { width: 24, height: 24, data: whole.subarray(24 * 24 * 3) };
  const pool = createDrawPool({ threads: 1, paintings });
  const [drawn] = await pool.draw([{ photo, seed: 'x', kind: 'art' }]);
  expect(drawn).toEqual(drawTask({ photo: noise(1), seed: 'x', kind: 'art' }, { paintings }));
  expect(photo.data).toEqual(noise(1).data);
  await pool.close();
});

it('a closed pool refuses what is open and what comes after', async () => {
  const pool = createDrawPool({ threads: 1 });
  const open = pool.draw(tasks).then(
    () => 'drawn',
    (error: Error) => error,
  );
  await pool.close();
  expect(await open).toBeInstanceOf(DrawPoolError);
  await expect(pool.draw(tasks)).rejects.toThrow('the pool is closed');
});
