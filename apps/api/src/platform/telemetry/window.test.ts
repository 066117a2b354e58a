import { expect, it } from 'vitest';
import { createWindow } from './window.js';

it('percentiles are the least value that so many stay below, of the last thousand', () => {
  const window = createWindow();
  expect(window.percentiles()).toEqual({ p50Ms: null, p95Ms: null, p99Ms: null });
  for (let ms = 100; ms >= 1; ms--) window.add(ms);
  expect(window.percentiles()).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99 });
  for (let i = 0; i < 1000; i++) window.add(7);
  expect(window.percentiles()).toEqual({ p50Ms: 7, p95Ms: 7, p99Ms: 7 });
});
