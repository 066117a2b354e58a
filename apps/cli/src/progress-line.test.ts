import { afterEach, expect, it, vi } from 'vitest';
import { progressLine } from './progress-line.js';

afterEach(() => {
  vi.useRealTimers();
});

it('a run that goes on tells the rate and the time left of its own work, not of what was done before', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const notes: string[] = [];
  const progress = progressLine(
    {
      print: () => undefined,
      note: (text) => notes.push(text),
      interactive: false,
      env: {},
      signal: new AbortController().signal,
    },
    'steps',
  );
  progress.update('training', 901, 1000);
  vi.advanceTimersByTime(20_000);
  progress.update('training', 921, 1000);
  expect(notes).toEqual(['training: 921 of 1000 steps (1.0/s, 79 s left)']);
});
