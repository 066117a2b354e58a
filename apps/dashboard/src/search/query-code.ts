import type { SearchQueryInput } from '../generated/graphql';

const SELECTION = `{
    edges {
      score
      node { id fileName width height thumbnailUrl(size: 256) fileUrl captions }
    }
    pageInfo { hasNextPage endCursor }
    timing { encodeMs searchMs totalMs }
  }`;

const ENUM_FIELDS = new Set(['style']);

/** A search as a GraphQL document that runs as it is, in any GraphQL tool. */
export function asGraphql(query: SearchQueryInput, datasets: readonly string[]): string {
  const args = [
    `query: ${literal(query)}`,
    datasets.length > 0 ? `datasets: ${literal(datasets)}` : null,
    'first: 24',
  ];
  return `query {\n  search(${args.filter(Boolean).join(', ')}) ${SELECTION}\n}\n`;
}

export type CodeTarget = {
  /** Where the server is reached. */
  origin: string;
  /** Whether it lets programs in by the token alone. */
  needsToken: boolean;
};

/** A search as TypeScript that runs on Node without a library. */
export function asCode(
  query: SearchQueryInput,
  datasets: readonly string[],
  { origin, needsToken }: CodeTarget,
): string {
  const variables = datasets.length > 0 ? { query, datasets } : { query };
  // To be filled in where it runs: what is copied gets passed on.
  const authorization = needsToken ? `, authorization: \`Bearer \${process.env.FREESTYLE_ADMIN_TOKEN}\`` : '';
  return `const operation = \`
query Search($query: SearchQueryInput!, $datasets: [ID!], $after: String) {
  search(query: $query, datasets: $datasets, first: 24, after: $after) ${SELECTION}
}\`;

const variables = ${JSON.stringify(variables, null, 2)};

const response = await fetch('${origin}/graphql', {
  method: 'POST',
  headers: { 'content-type': 'application/json'${authorization} },
  body: JSON.stringify({ query: operation, variables }),
});
const { data, errors } = await response.json();
if (errors) throw new Error(errors[0].message);
for (const { score, node } of data.search.edges) console.log(score.toFixed(3), node.fileName);
`;
}

/** A value in GraphQL's own notation: keys bare, enum values bare, texts quoted as in JSON. */
function literal(value: unknown, field = ''): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, field)).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
    return `{${fields.map(([name, inner]) => `${name}: ${literal(inner, name)}`).join(', ')}}`;
  }
  return ENUM_FIELDS.has(field) ? String(value) : JSON.stringify(value);
}
