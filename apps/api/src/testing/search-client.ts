import type { TestServer } from './test-server.js';

const SEARCH = `query ($query: SearchQueryInput!, $first: Int, $after: String, $datasets: [ID!], $filter: ImageFilter,
  $mode: SearchMode, $minRelevance: Float, $showWeak: Boolean, $orderBy: SearchOrder, $collapse: Collapse,
  $excludeSelf: Boolean) {
  search(query: $query, first: $first, after: $after, datasets: $datasets, filter: $filter, mode: $mode,
    minRelevance: $minRelevance, showWeak: $showWeak, orderBy: $orderBy, collapse: $collapse,
    excludeSelf: $excludeSelf) {
    edges { cursor score relevance rank copyCount node { id fileName }
      contributions { part kind negative weight value similarity coverage } }
    nothing { reason message } floor floorScore weakestShown
    pageInfo { hasNextPage hasPreviousPage endCursor }
    exactness galleryCount model { name }
    parts { index kind negative weight blank words { typed taken share } style { detected confidence known weights { style weight } } }
    timing { encodeMs searchMs totalMs }
  }
}`;

export interface SearchAnswer {
  edges: {
    cursor: string;
    score: number;
    relevance: number | null;
    rank: number;
    copyCount: number;
    node: { id: string; fileName: string };
    contributions: {
      part: number;
      kind: string;
      negative: boolean;
      weight: number;
      value: number;
      similarity: number;
      coverage: number | null;
    }[];
  }[];
  nothing: { reason: string; message: string } | null;
  floor: number | null;
  floorScore: number | null;
  weakestShown: number | null;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  exactness: string;
  galleryCount: number;
  parts: {
    index: number;
    kind: string;
    negative: boolean;
    blank: boolean;
    words: { typed: string; taken: string; share: number }[];
    style: { detected: string; weights: { style: string; weight: number }[] } | null;
  }[];
  timing: { encodeMs: number; searchMs: number; totalMs: number };
}

export interface SearchArguments {
  first?: number;
  after?: string | null;
  datasets?: string[];
  filter?: object;
  mode?: string;
  minRelevance?: number;
  showWeak?: boolean;
  orderBy?: object;
  collapse?: string;
  excludeSelf?: boolean;
}

/** Searches and fails on any error. */
export async function search(
  server: TestServer,
  query: unknown,
  more: SearchArguments = {},
): Promise<SearchAnswer> {
  const { data, errors } = await server.query<{ search: SearchAnswer }>(SEARCH, { query, ...more });
  if (data === null || errors) throw new Error(JSON.stringify(errors));
  return data.search;
}

/** Searches and gives the code and message of the first error, or null. */
export async function searchFailure(server: TestServer, query: unknown, more: SearchArguments = {}) {
  const { errors } = await server.query(SEARCH, { query, ...more });
  const [first] = errors ?? [];
  return first ? { code: first.extensions.code, message: first.message } : null;
}

/** Turns pages until there are no more. `between` runs after each page. */
export async function allPages(
  server: TestServer,
  query: unknown,
  first: number,
  between?: (page: number) => Promise<void>,
  more: SearchArguments = {},
): Promise<SearchAnswer[]> {
  const pages: SearchAnswer[] = [];
  for (let after: string | null = null; ; ) {
    const page = await search(server, query, { ...more, first, after });
    pages.push(page);
    await between?.(pages.length);
    if (!page.pageInfo.hasNextPage) return pages;
    after = page.pageInfo.endCursor;
  }
}

export const fileNames = ({ edges }: SearchAnswer): string[] => edges.map(({ node }) => node.fileName);
