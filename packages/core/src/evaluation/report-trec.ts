import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { VisitSection } from './evaluate-model.js';
import type { EvaluationReport } from './evaluation-report.js';
import { fullRanking } from './ranking.js';
import { reportSections } from './report-sections.js';

/** Lines beyond which a run file is cut: about a gigabyte. */
const MOST_LINES = 20_000_000;
const CUT = 1000;

/** How deep the lists of a run file go: the whole gallery where the file stays below a gigabyte, else 1,000 places. */
export function trecDepth(queries: number, gallery: number): number {
  return queries * gallery <= MOST_LINES || gallery <= CUT ? gallery : CUT;
}

/** Metrics that a tool can still count from a cut run; none where the run is whole. */
export const cutMetrics = (depth: number, gallery: number): string[] =>
  depth >= gallery ? [] : [`mrr@${depth}`, `map@${depth}`];

/** Name of a run file; a cut is in it. */
export const trecRunName = (depth: number, gallery: number): string =>
  depth >= gallery ? 'run.trec' : `run.top-${depth}.trec`;

/** One line for each place of a query's list: `query Q0 photo rank score tag`. Photos of one score stand in the order in
 *  which the report counts them (what is not relevant first), and the score column falls by one at each place: tools
 *  that sort by score, in whatever precision and with whatever rule for ties, come to the report's ranks. */
export function trecLines(
  section: string,
  result: Parameters<VisitSection>[1],
  scores: Float64Array,
  options: {
    readonly photoIds: readonly string[];
    readonly tag: string;
    readonly depth: number;
    readonly ignored: number | undefined;
  },
): string {
  const query = queryToken(section, result.id);
  const tag = trecToken(options.tag);
  const rows = fullRanking(scores, result.relevant, options);
  let text = '';
  for (const [place, row] of rows.entries()) {
    text += `${query} Q0 ${trecToken(options.photoIds[row] ?? String(row))} ${place + 1} ${scores.length - place} ${tag}\n`;
  }
  return text;
}

export interface TrecRunFile {
  readonly visit: VisitSection;
  close(): Promise<void>;
}

/** Writes a run file as the queries are ranked; nothing of it is kept in memory but what the disk has not taken yet. */
export async function openTrecRun(
  path: string,
  {
    photoIds,
    ...options
  }: { readonly photoIds: () => readonly string[]; readonly tag: string; readonly depth: number },
): Promise<TrecRunFile> {
  await mkdir(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  return {
    visit: (section, result, scores, ignored) => {
      if (!section.includes(' alone ('))
        stream.write(trecLines(section, result, scores, { ...options, photoIds: photoIds(), ignored }));
    },
    close: async () => {
      stream.end();
      await finished(stream);
    },
  };
}

/** TREC qrels file: `query 0 photo 1`, every relevant photo of every query of the run. */
export function trecQrels(report: EvaluationReport): string {
  return reportSections(report)
    .filter(({ kind }) => kind === 'style' || kind === 'mixed')
    .flatMap(({ name, figures }) =>
      figures.results.flatMap((result) =>
        result.relevant.map(
          (row) => `${queryToken(name, result.id)} 0 ${trecToken(report.photoIds[row] ?? String(row))} 1\n`,
        ),
      ),
    )
    .join('');
}

const queryToken = (section: string, id: string): string => trecToken(`${section}:${id}`);

/** The format is split at white space: in names it is percent-encoded, and so is the percent sign, so names stay distinct. */
function trecToken(name: string): string {
  return name.replaceAll(/[\s%]/gu, (character) => encodeURIComponent(character));
}
