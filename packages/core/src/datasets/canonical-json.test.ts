import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

// Right: what PostgreSQL 18 answers to `SELECT '<left as JSON>'::jsonb::text`.
it.each([
  [{ bb: 1, a: [], é: null, c: {} }, '{"a": [], "c": {}, "bb": 1, "é": null}'],
  [
    [1e21, 1.5e-7, 1e-7, 123456.789, -2.5e22, 0.1, -0],
    '[1000000000000000000000, 0.00000015, 0.0000001, 123456.789, -25000000000000000000000, 0.1, 0]',
  ],
  ['a "quoted" \\ \n\t\u0001 🙂 \u2028', '"a \\"quoted\\" \\\\ \\n\\t\\u0001 🙂 \u2028"'],
  [{ b: { deep: [true, false, { z: 'x' }] } }, '{"b": {"deep": [true, false, {"z": "x"}]}}'],
])('writes %j as the database does', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

it('refuses what JSON cannot hold rather than to write something else', () => {
  expect(() => canonicalJson({ a: Number.NaN })).toThrow('NaN');
  expect(() => canonicalJson([1n])).toThrow('1');
});
