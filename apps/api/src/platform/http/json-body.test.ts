import { describe, expect, it } from 'vitest';
import { type JsonLimits, parseJson } from './json-body.js';

const limits: JsonLimits = {
  maxBytes: 1e9,
  maxDepth: 32,
  maxValues: 100_000,
  maxMembers: 1000,
  maxElements: 5000,
};
const parse = (text: string) => parseJson(Buffer.from(text), limits);

describe('a body of JSON', () => {
  it.each([
    '{"query":"{ a(b: \\"[[[[{{{{,,,,\\") }","variables":{"a":[1,2,{"b":null}]}}',
    '["\\\\", "\\"", "]"]',
    '"ü€😀"',
    '{}',
  ])('is read as any parser reads it: %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['nested too deep', `${'['.repeat(33)}${']'.repeat(33)}`, /32 levels/],
    ['of too many lists', `[${'[],'.repeat(4000).repeat(20)}[]]`, /more than/],
    [
      'of an object of many members',
      `{${Array.from({ length: 1001 }, (_, i) => `"k${i}":1`).join()}}`,
      /1000 entries/,
    ],
    ['of a long list', JSON.stringify(Array.from({ length: 5001 }, () => 1)), /5000 entries/],
    ['cut short', '{"query": "', /not JSON/],
    ['closed too often', ']]]]', /not JSON/],
    ['in another encoding', '\u00ff', /not JSON/],
  ])('%s is refused', (_name, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('takes what fits', () => {
    const fits = { variables: { vector: Array.from({ length: 5000 }, () => 0.5) } };
    expect(parse(JSON.stringify(fits))).toEqual(fits);
    expect(parse(`${'['.repeat(32)}${']'.repeat(32)}`)).toBeTruthy();
  });

  it('is looked at in little time, however it is made', () => {
    const bodies = [
      '['.repeat(8e6),
      '"\\"'.repeat(2e6),
      `"${'\\'.repeat(8e6)}"`,
      '[],'.repeat(2.6e6),
      `"${'x'.repeat(8e6)}`,
    ];
    for (const body of bodies) {
      const bytes = Buffer.from(body);
      const started = performance.now();
      try {
        parseJson(bytes, limits);
      } catch {
        // Most of them are no JSON, or too much of it.
      }
      expect(performance.now() - started, body.slice(0, 8)).toBeLessThan(1000);
    }
  });
});
