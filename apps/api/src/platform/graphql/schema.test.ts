import { expect, it } from 'vitest';
import { printedSchema } from '../../schema.js';

it('is the schema that is committed: after a change on purpose, run this test with `-u`', async () => {
  await expect(printedSchema()).toMatchFileSnapshot('../../../schema.graphql');
});
