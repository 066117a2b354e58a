import { Prisma, type PrismaClient } from '../../generated/prisma/client.js';
import { type ImageScope, imageCondition } from './filter-sql.js';
import { type HistogramBin, niceBins } from './histogram.js';

export interface DatasetStatistics {
  readonly imageCount: number;
  readonly captionCount: number;
  readonly uncaptionedCount: number;
  /** Longest edges, in pixels. */
  readonly sides: readonly HistogramBin[];
  /** Lengths of single captions, in characters. */
  readonly captionLengths: readonly HistogramBin[];
}

export interface StatisticsRepository {
  read(scope: ImageScope): Promise<DatasetStatistics>;
}

interface Totals {
  readonly imageCount: number;
  readonly captionCount: number;
  readonly uncaptionedCount: number;
}

export function createStatisticsRepository(prisma: PrismaClient): StatisticsRepository {
  return {
    async read(scope) {
      const condition = imageCondition(scope);
      const [totals] = await prisma.$queryRaw<Totals[]>`
        SELECT count(*)::int AS "imageCount", coalesce(sum(cardinality(i.captions)), 0)::int AS "captionCount",
          count(*) FILTER (WHERE cardinality(i.captions) = 0)::int AS "uncaptionedCount"
        FROM image i WHERE ${condition}`;
      const sides = Prisma.sql`SELECT greatest(i.width, i.height) AS value FROM image i WHERE ${condition}`;
      const lengths = Prisma.sql`
        SELECT char_length(caption) AS value FROM image i, unnest(i.captions) AS caption WHERE ${condition}`;
      return {
        ...(totals ?? { imageCount: 0, captionCount: 0, uncaptionedCount: 0 }),
        sides: await histogram(prisma, sides),
        captionLengths: await histogram(prisma, lengths),
      };
    },
  };
}

/** A distribution has few different values here, so that they travel and the bins are cut in this process. */
async function histogram(prisma: PrismaClient, values: Prisma.Sql): Promise<HistogramBin[]> {
  const rows = await prisma.$queryRaw<{ value: number; count: number }[]>`
    SELECT value::int AS value, count(*)::int AS count FROM (${values}) AS v GROUP BY 1 ORDER BY 1`;
  return niceBins(rows);
}
