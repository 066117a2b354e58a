import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type ComparedRun,
  compareRuns,
  parseReportJson,
  type StoredReport,
  textComparison,
} from '@freestyle/core/evaluation';
import type { RegisterCommand } from '../cli-context.js';
import { CliError } from '../cli-error.js';
import { nameList, wholeNumber } from '../options.js';
import { writeOutput } from '../write-output.js';

interface CompareFlags {
  readonly metrics?: string[];
  readonly seed: number;
  readonly permutations: number;
  readonly json?: string;
}

/** `compare A.json B.json …`: are runs really different? */
export const registerCompare: RegisterCommand = (program, context) => {
  program
    .command('compare')
    .description(
      'Compare evaluation reports (eval --json), two or more: paired by query, Holm-corrected, with tie groups.',
    )
    .argument(
      '<runs...>',
      'reports, one a run; the seeds of one run joined by commas: seed-0.json,seed-1.json; a name of its own with NAME=',
    )
    .option(
      '--metrics <names>',
      'metrics to compare, e.g. hit@1,hit@5,mrr (default: hit@1,hit@10,mrr,map)',
      nameList,
    )
    .option('--seed <n>', 'seed of the test', wholeNumber(0), 0)
    .option('--permutations <n>', 'permutations of the test', wholeNumber(100), 10_000)
    .option('--json <file>', 'write the comparison, with the queries won and lost, as JSON')
    .action(async (words: string[], { json, ...options }: CompareFlags) => {
      const runs = await readRuns(words);
      const comparison = compareRuns(runs, options);
      context.print(textComparison(comparison));
      if (json === undefined) return;
      const [first] = runs[0]?.reports ?? [];
      const document = {
        dataset: first?.dataset,
        split: first?.split,
        gallery: first?.gallery,
        versions: Object.fromEntries(
          runs.map(({ name, reports }) => [name, reports[0]?.datasetVersion ?? null]),
        ),
        ...comparison,
      };
      await writeOutput(json, `${JSON.stringify(document, null, 1)}\n`);
    });
};

/** A run is named as it is asked for, else A, B, C …; the table says what stands behind the letter. */
async function readRuns(words: readonly string[]): Promise<ComparedRun[]> {
  if (words.length < 2) throw new CliError('A comparison needs two reports or more.');
  const runs: ComparedRun[] = [];
  for (const [i, word] of words.entries()) {
    const [, given, list = word] = /^([^=/]+)=(.+)$/.exec(word) ?? [];
    const reports: StoredReport[] = [];
    for (const path of list.split(',')) reports.push(await readReport(path));
    runs.push({ name: given ?? (i < 26 ? String.fromCharCode(65 + i) : basename(word)), reports });
  }
  return runs;
}

async function readReport(path: string): Promise<StoredReport> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`${path}: cannot be read; expected a report written by "eval --json".`, cause);
  });
  return parseReportJson(text, path);
}
