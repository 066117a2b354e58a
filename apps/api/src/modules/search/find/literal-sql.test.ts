import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prisma } from '../../../generated/prisma/client.js';
import { literalSql } from './literal-sql.js';

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
});
afterAll(() => database.close());

it.each<[string, unknown, string]>([
  ['quotes and backslashes', `it's \\ "odd"; DROP TABLE x --`, 'text'],
  ['signs beyond ASCII', 'Mädchen 二匹の犬 🐕', 'text'],
  ['a number with a fraction', 0.1 + 0.2, 'float8'],
  ['the smallest number', 5e-324, 'float8'],
  ['a negative number', -3, 'int'],
  ['a truth', true, 'bool'],
  ['nothing', null, 'text'],
  ['a list of texts', ['a,b', 'c"d', 'e\\f', `g'h`, '', 'NULL', '{x}'], 'text[]'],
  ['an empty list', [], 'text[]'],
])('reads back exactly what was written: %s', async (_name, value, type) => {
  const text = literalSql(Prisma.sql`SELECT ${value}::${Prisma.raw(type)} AS value, 'after' AS more`);
  const [answer] = await database.exec(text);
  expect(answer?.rows).toEqual([{ value, more: 'after' }]);
});

it('writes a moment and a large number without loss', async () => {
  const at = new Date('2026-11-28T01:02:03.456Z');
  const [answer] = await database.exec(
    literalSql(Prisma.sql`SELECT ${at}::timestamptz AS at, ${9007199254740993n}::bigint::text AS n`),
  );
  expect(answer?.rows).toEqual([{ at, n: '9007199254740993' }]);
});

it('refuses what has no literal', () => {
  expect(() => literalSql(Prisma.sql`SELECT ${'a\0b'}`)).toThrow(/zero character/);
  expect(() => literalSql(Prisma.sql`SELECT ${Number.NaN}`)).toThrow(TypeError);
});
