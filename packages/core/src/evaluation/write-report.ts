import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationReport } from './evaluation-report.js';
import { htmlReport } from './report-html.js';
import { reportToJson } from './report-json.js';
import { csvResults, jsonlResults } from './report-results.js';
import { csvReport, latexReport, markdownReport } from './report-tables.js';
import { trecQrels } from './report-trec.js';

/** File name of each form of a report, and what makes it. */
const FORMS: Readonly<Record<string, (report: EvaluationReport) => string>> = {
  'report.md': markdownReport,
  'report.html': htmlReport,
  'report.csv': csvReport,
  'report.tex': latexReport,
  'report.json': (report) => `${JSON.stringify(reportToJson(report), null, 1)}\n`,
  'qrels.trec': trecQrels,
  'results.jsonl': jsonlResults,
  'results.csv': csvResults,
};

/** Writes every form of a report but the TREC run (`openTrecRun`, while ranks are known) into a folder, which is made when missing; older reports there are replaced.
 *  @returns the paths written. */
export async function writeReport(report: EvaluationReport, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Object.entries(FORMS).map(async ([name, make]) => {
      const path = join(folder, name);
      await writeFile(path, make(report));
      return path;
    }),
  );
}
