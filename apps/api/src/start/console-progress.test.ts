import { expect, it } from 'vitest';
import { createConsoleProgress } from './console-progress.js';

const half = { title: 'Importing', done: 500, total: 1000, ratePerSecond: 40.4, secondsLeft: 200 };

it('a terminal gets one line that is drawn again and makes room for lines that stay', () => {
  const written: string[] = [];
  const progress = createConsoleProgress({ isTTY: true, columns: 200, write: (text) => written.push(text) });
  progress.show(half);
  progress.show({ ...half, done: 600 });
  progress.line('Done.');
  const [first, cleared, second, clearedAgain, line] = written;
  expect(first).toBe(
    `  Importing  ${'█'.repeat(14)}${'░'.repeat(14)}  500 of 1,000  50 %  40/s  3 min 20 s left`,
  );
  expect([cleared, clearedAgain]).toEqual(['\r\x1b[K', '\r\x1b[K']);
  expect(second).toContain('600 of 1,000  60 %');
  expect(line).toBe('Done.\n');
});

it('a narrow terminal never wraps, which would leave half lines behind', () => {
  const written: string[] = [];
  createConsoleProgress({ isTTY: true, columns: 40, write: (text) => written.push(text) }).show(half);
  expect(written[0]).toHaveLength(39);
});

it('a log file gets a whole line every five seconds, and no control characters', () => {
  const written: string[] = [];
  let now = 0;
  const progress = createConsoleProgress({ write: (text) => written.push(text) }, () => now);
  for (now = 0; now < 12_000; now += 100) progress.show(half);
  expect(written).toEqual(Array(3).fill('  Importing  500 of 1,000  50 %  40/s  3 min 20 s left\n'));
});

it('work that was not counted yet shows no share of it', () => {
  const written: string[] = [];
  createConsoleProgress({ write: (text) => written.push(text) }).show({ ...half, total: null });
  expect(written).toEqual(['  Importing …\n']);
});
