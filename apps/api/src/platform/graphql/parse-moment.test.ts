import { describe, expect, it } from 'vitest';
import { parseMoment } from './parse-moment.js';

describe('a moment', () => {
  it.each([
    ['2026-05-17T08:30:00Z', '2026-05-17T08:30:00.000Z'],
    ['2026-05-17T10:30:00.5+02:00', '2026-05-17T08:30:00.500Z'],
    ['2026-05-17', '2026-05-17T00:00:00.000Z'],
    ['2026-05-17T08:30', '2026-05-17T08:30:00.000Z'],
    ['2026-05-17 08:30:15', '2026-05-17T08:30:15.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is read, in UTC where it names no zone, wherever the server stands', (text, expected) => {
    expect(parseMoment(text).toISOString()).toBe(expected);
  });

  it.each([
    ['2026-02-30', /no such day/],
    ['2025-02-29T10:00:00Z', /no such day/],
    ['2026-13-01', /no such day/],
    ['2026-05-17T25:00:00Z', /no such day or time/],
    ['17.05.2026', /ISO 8601/],
    ['May 17, 2026', /ISO 8601/],
    ['0', /ISO 8601/],
    [`${'9'.repeat(5000)}`, /got "9{39}…"/],
  ])('%s is refused', (text, reason) => {
    expect(() => parseMoment(text)).toThrow(reason);
  });
});
