import { readFileSync } from 'node:fs';
import { buildSchema, findBreakingChanges } from 'graphql';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { printedSchema } from '../../schema.js';

const file = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
const declared = z
  .array(z.object({ change: z.string(), since: z.iso.date(), instead: z.string() }))
  .parse(JSON.parse(file('schema-changes.json')));

it('lists every change of the schema that breaks clients of the released one, with what to do instead', () => {
  const changes = findBreakingChanges(
    buildSchema(file('schema-released.graphql')),
    buildSchema(printedSchema()),
  );
  const found = [...new Set(changes.map(({ description }) => description))];
  const words = declared.map(({ change }) => change);
  expect(
    found.filter((one) => !words.includes(one)),
    'to be added to apps/api/schema-changes.json, or undone',
  ).toEqual([]);
  expect(
    words.filter((one) => !found.includes(one)),
    'no longer a change: to be taken out',
  ).toEqual([]);
});
