import { Prisma, type PrismaClient } from '../../../generated/prisma/client.js';

/** One piece of a space's vector index: the photos with `from < seq <= to`. */
export interface IndexSegment {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
}

export interface VectorIndex {
  /** The pieces that are there, in order; what came in after the last is ranked without an index. */
  segments(spaceId: number): Promise<readonly IndexSegment[]>;
  /** Takes photos that came in since into the index, where there are enough of them. Writing waits meanwhile. */
  extend(spaceId: number, dimensions: number): Promise<void>;
}

export interface VectorIndexLimits {
  /** Photos outside the index that a search ranks itself: about 1 ms a thousand. */
  readonly tail: number;
}

/** pgvector indexes vectors of up to this many dimensions. */
export const MAX_INDEX_DIMENSIONS = 2000;

// Half as many edges and candidates as pgvector's own choice: building takes a third of the time, and what that costs in
// recall is had back by asking for more candidates (`npm run bench -- search` tells both).
const BUILD = 'm = 12, ef_construction = 40';
// Building needs the graph in memory: about 1 KB a photo at 256 dimensions.
const INDEX_MEMORY = '256MB';
const INDEX_LOCK = 7_303_014_020;
// Another process may have built or dropped a piece.
const FRESH_MS = 5000;

/** The index of each space, as pieces over ranges of photos in the order in which they came in. A graph that grows photo
 *  by photo takes 3 ms and more for each; so new photos stay outside until there are enough for a piece of their own,
 *  and pieces are joined so that each is more than twice the next: few pieces, and each photo is indexed a few times at
 *  most. */
export function createVectorIndex(
  prisma: PrismaClient,
  limits: VectorIndexLimits = { tail: 2000 },
): VectorIndex {
  const known = new Map<number, { at: number; segments: readonly IndexSegment[] }>();
  const read = async (spaceId: number): Promise<readonly IndexSegment[]> => {
    const segments = await readSegments(prisma, spaceId);
    known.set(spaceId, { at: performance.now(), segments });
    return segments;
  };
  return {
    async segments(spaceId) {
      const entry = known.get(spaceId);
      return entry !== undefined && performance.now() - entry.at < FRESH_MS ? entry.segments : read(spaceId);
    },
    async extend(spaceId, dimensions) {
      if (dimensions > MAX_INDEX_DIMENSIONS) return;
      await prisma.$transaction((tx) => extendIndex(tx, spaceId, dimensions, limits), {
        // An hour: millions of photos on a small machine.
        timeout: 3_600_000,
        maxWait: 120_000,
      });
      await read(spaceId);
    },
  };
}

const NAME = /^embedding_hnsw_\d+_(\d+)_(\d+)$/;

async function readSegments(
  client: Pick<Prisma.TransactionClient, '$queryRaw'>,
  spaceId: number,
): Promise<IndexSegment[]> {
  const rows = await client.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
    WHERE x.indrelid = 'embedding'::regclass AND x.indisvalid AND c.relname LIKE ${`embedding\\_hnsw\\_${spaceId}\\_%`}`;
  const found = rows.flatMap(({ name }): IndexSegment[] => {
    const [, from, to] = NAME.exec(name) ?? [];
    return from === undefined || to === undefined ? [] : [{ name, from: BigInt(from), to: BigInt(to) }];
  });
  return found.sort((a, b) => (a.from < b.from ? -1 : 1));
}

async function extendIndex(
  tx: Prisma.TransactionClient,
  spaceId: number,
  dimensions: number,
  { tail }: VectorIndexLimits,
): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${INDEX_LOCK}::bigint)`;
  const segments = await readSegments(tx, spaceId);
  const last = segments.at(-1)?.to ?? 0n;
  const [top] = await tx.$queryRaw<{ seq: bigint | null; count: bigint }[]>`
    SELECT max(seq) AS seq, count(*) AS count FROM embedding WHERE space_id = ${spaceId}::int AND seq > ${last}::bigint`;
  if (top?.seq === null || top === undefined || Number(top.count) <= tail) return;
  const absorbed = absorb(segments, top.seq);
  const from = absorbed[0]?.from ?? last;
  await tx.$executeRaw`SET LOCAL maintenance_work_mem = ${Prisma.raw(`'${INDEX_MEMORY}'`)}`;
  await tx.$executeRawUnsafe(
    `CREATE INDEX embedding_hnsw_${spaceId}_${from}_${top.seq} ON embedding
     USING hnsw ((vector::vector(${dimensions})) vector_ip_ops) WITH (${BUILD})
     WHERE space_id = ${spaceId} AND seq > ${from} AND seq <= ${top.seq}`,
  );
  // Last, because a search waits for it. The one without a range is an earlier version's, which grew with every photo.
  for (const name of [`embedding_hnsw_${spaceId}`, ...absorbed.map((one) => one.name)]) {
    await tx.$executeRawUnsafe(`DROP INDEX IF EXISTS ${name}`);
  }
}

/** The last pieces that a new one up to `to` takes in: each that is not more than twice what comes after it. */
export function absorb(segments: readonly IndexSegment[], to: bigint): readonly IndexSegment[] {
  let first = segments.length;
  let end = segments.at(-1)?.to ?? 0n;
  for (const [i, segment] of [...segments.entries()].reverse()) {
    if (segment.to - segment.from > 2n * (to - end)) break;
    first = i;
    end = segment.from;
  }
  return segments.slice(first);
}
