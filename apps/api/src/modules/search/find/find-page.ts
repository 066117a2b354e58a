import type { FindQuery, Found } from './find-query.js';
import type { SearchRepository } from './repository.js';
import type { IndexSegment } from './vector-index.js';

export const EXACTNESSES = ['EXACT', 'APPROXIMATE', 'BUDGET_EXHAUSTED'] as const;
export type Exactness = (typeof EXACTNESSES)[number];

export interface FoundPage extends Found {
  readonly exactness: Exactness;
}

export type PageQuery = Omit<FindQuery, 'segments' | 'depth'>;

/** As many candidates as the index is ever asked for; a page behind them is ranked without it. */
const MOST_CANDIDATES = 1000;

/** Finds a page, asking more of the index where the first answer cannot hold all of it, and ranking everything where the
 *  index gives up and the gallery is small enough.
 *  @param rank of the hit that the page comes after; 0 for the first. @param canRankAll asked only where it is needed. */
export async function findPage(
  repository: SearchRepository,
  query: PageQuery,
  segments: readonly IndexSegment[] | null,
  rank: number,
  canRankAll: () => Promise<boolean>,
): Promise<FoundPage> {
  // Copies of one content, and hits that are pushed down, take places too.
  let depth = Math.max(60, Math.ceil((rank + query.limit) * 1.5) + 20);
  if (segments === null) return findExactly(repository, query, depth);
  let best: Found | null = null;
  while (depth <= MOST_CANDIDATES) {
    best = await repository.find({ ...query, segments, depth });
    const verdict = judge(best, query, depth);
    if (verdict !== 'MORE' && verdict !== 'EXHAUSTED') return { ...best, exactness: verdict };
    if (verdict === 'EXHAUSTED') break;
    depth *= 4;
  }
  if (best === null || (await canRankAll())) return findExactly(repository, query, depth);
  return { ...best, exactness: 'BUDGET_EXHAUSTED' };
}

async function findExactly(repository: SearchRepository, query: PageQuery, from: number): Promise<FoundPage> {
  for (let depth = from; ; depth *= 4) {
    const found = await repository.find({ ...query, segments: null, depth });
    if (found.hits.length >= query.limit || found.shown < depth) return { ...found, exactness: 'EXACT' };
  }
}

/** Whether an answer of the index will do. Without negatives and words its candidates come in the order of the score.
 *  With them a photo that it did not give may still be better than one that it gave, but never better than what its
 *  positive parts say: so the answer will do when nothing beyond its edge can come before the page's last hit. */
function judge(found: Found, query: PageQuery, depth: number): Exactness | 'MORE' | 'EXHAUSTED' {
  const { asked, full, farthest } = found.index;
  if (asked === 0) return found.hits.length >= query.limit || found.shown < depth ? 'EXACT' : 'MORE';
  const edge = farthest === null ? Number.NEGATIVE_INFINITY : query.fused.offset - farthest;
  const narrowed = query.conditions.length > 0 || query.datasetIds !== null;
  if (found.hits.length >= query.limit) {
    const last = found.hits.at(query.limit - 1)?.score ?? Number.POSITIVE_INFINITY;
    return edge <= last + 1e-3 ? 'APPROXIMATE' : 'MORE';
  }
  if (full > 0) return query.floor !== null && edge < query.floor ? 'APPROXIMATE' : 'MORE';
  // Every piece gave less than it was asked for: that is its end, or, behind a condition, where it gave up.
  return narrowed ? 'EXHAUSTED' : 'APPROXIMATE';
}
