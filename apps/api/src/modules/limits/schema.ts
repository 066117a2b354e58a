import { WEIGHT_RANGE } from '@freestyle/core';
import { MAX_PAGE } from '../../platform/database/paging.js';
import { ERROR_CODES } from '../../platform/error-codes.js';
import { builder, MAX_NODES, QUERY_LIMITS } from '../../platform/graphql/builder.js';
import { MAX_ERRORS } from '../../platform/graphql/cut-errors.js';
import { BODY_LIMITS } from '../../platform/graphql/graphql-routes.js';
import { DEFAULT_DECODE_BUDGET } from '../../platform/storage/picture-decoder.js';
import { MAX_BASE64_BYTES, MAX_PARTS, MAX_TEXT } from '../search/parse/resolve-parts.js';

const authScopes = { role: 'VIEWER' } as const;

interface Limit {
  readonly name: string;
  readonly most: number;
  readonly meaning: string;
}

/** What every caller meets; the same list stands in docs/limits.md. */
export const LIMITS: readonly Limit[] = [
  { name: 'page', most: MAX_PAGE, meaning: 'Rows of a page.' },
  { name: 'depth', most: QUERY_LIMITS.depth, meaning: 'Fields inside each other.' },
  {
    name: 'complexity',
    most: QUERY_LIMITS.complexity,
    meaning: 'Cost of an operation; `extensions.cost` tells it.',
  },
  { name: 'breadth', most: QUERY_LIMITS.breadth, meaning: 'Fields of an operation in all.' },
  { name: 'queryParts', most: MAX_PARTS, meaning: 'Parts of a search.' },
  { name: 'queryText', most: MAX_TEXT, meaning: 'Characters of a text part.' },
  { name: 'nodes', most: MAX_NODES, meaning: 'Ids that `nodes` takes.' },
  { name: 'bodyBytes', most: BODY_LIMITS.maxBytes, meaning: 'Bytes of the body of an operation.' },
  {
    name: 'bodyDepth',
    most: BODY_LIMITS.maxDepth,
    meaning: 'Lists and objects inside each other in a body.',
  },
  { name: 'bodyValues', most: BODY_LIMITS.maxValues, meaning: 'Values of a body in all.' },
  { name: 'bodyMembers', most: BODY_LIMITS.maxMembers, meaning: 'Members of one object of a body.' },
  { name: 'bodyElements', most: BODY_LIMITS.maxElements, meaning: 'Elements of one list of a body.' },
  { name: 'errors', most: MAX_ERRORS, meaning: 'Errors that one answer tells.' },
  {
    name: 'base64Bytes',
    most: MAX_BASE64_BYTES,
    meaning: 'Bytes of a picture in base64; larger ones are uploaded.',
  },
  {
    name: 'requestPixels',
    most: DEFAULT_DECODE_BUDGET.perRequest,
    meaning: 'Pixels of all pictures of one request, each counted once.',
  },
  { name: 'partWeight', most: WEIGHT_RANGE.max, meaning: 'Weight of a part; the least is 0.' },
];

const LimitRef = builder.objectRef<Limit>('Limit').implement({
  authScopes,
  description: 'The most that is taken of something.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Stable; made for programs.' }),
    most: t.exposeInt('most', { description: 'The greatest value that is taken.' }),
    meaning: t.exposeString('meaning', { description: 'What is counted.' }),
  }),
});

const ErrorCodeRef = builder
  .objectRef<{ code: string; status: number; meaning: string }>('ErrorCode')
  .implement({
    authScopes,
    description: 'A code that an error may carry under `extensions.code`.',
    fields: (t) => ({
      code: t.exposeString('code', { description: 'Stable; made for programs.' }),
      status: t.exposeInt('status', {
        description: 'The HTTP status where it is the answer of a whole request.',
      }),
      meaning: t.exposeString('meaning', { description: 'When it is answered.' }),
    }),
  });

builder.queryField('limits', (t) =>
  t.field({
    datasets: 'NONE',
    type: [LimitRef],
    authScopes,
    description: 'Every limit that a caller meets.',
    resolve: () => [...LIMITS],
  }),
);

builder.queryField('errorCodes', (t) =>
  t.field({
    datasets: 'NONE',
    type: [ErrorCodeRef],
    authScopes,
    description: 'Every code that an error may carry.',
    resolve: () => Object.entries(ERROR_CODES).map(([code, rest]) => ({ code, ...rest })),
  }),
);
