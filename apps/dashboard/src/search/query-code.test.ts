import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { asCode, asGraphql } from './query-code.js';

const schema = buildSchema(readFileSync(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'));
const query = {
  all: [
    { like: { text: 'a "quoted"\nline' }, weight: 1 },
    { like: { image: { uploadId: 'u-1' } }, weight: 0.6, style: 'SKETCH' as const },
  ],
  not: [{ like: { imageId: 'SW1hZ2U6MQ==' }, weight: 1 }],
};

describe('copy as GraphQL', () => {
  it('is a document that the API accepts, quotes and line breaks included', () => {
    expect(validate(schema, parse(asGraphql(query, ['RGF0YXNldDox'])))).toEqual([]);
  });
});

describe('copy as code', () => {
  it('sends an operation that the API accepts, with the variables of the page', () => {
    const code = asCode(query, ['RGF0YXNldDox'], { origin: 'http://127.0.0.1:4000', needsToken: false });
    const operation = /`([^`]+)`/.exec(code)?.[1] ?? '';
    expect(validate(schema, parse(operation))).toEqual([]);
    const variables = /const variables = ([\s\S]+?);\n\n/.exec(code)?.[1] ?? '';
    expect(JSON.parse(variables)).toEqual({ query, datasets: ['RGF0YXNldDox'] });
  });

  it('sends the token where the server asks for one, and never writes it down', () => {
    const header = `authorization: \`Bearer \${process.env.FREESTYLE_ADMIN_TOKEN}\``;
    for (const origin of ['https://photos.example', 'http://127.0.0.1:4000']) {
      expect(asCode(query, [], { origin, needsToken: true })).toContain(header);
      expect(asCode(query, [], { origin, needsToken: false })).not.toContain('authorization');
    }
  });
});
