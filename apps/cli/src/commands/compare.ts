import { readFile } from 'node:fs/promises';
import {
  type CompareOptions,
  compareReports,
  parseReportJson,
  type StoredReport,
  textComparison,
  unsharedSections,
  versionDifference,
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

/** `compare A.json B.json`: are two runs really different? */
export const registerCompare: RegisterCommand = (program, context) => {
  program
    .command('compare')
    .description('Compare two evaluation reports (eval --json): paired randomisation test, Holm-corrected.')
    .argument('<A.json>', 'report of the first run')
    .argument('<B.json>', 'report of the second run')
    .option(
      '--metrics <names>',
      'metrics to compare, e.g. hit@1,hit@5,mrr (default: hit@1,hit@10,mrr,map)',
      nameList,
    )
    .option('--seed <n>', 'seed of the test', wholeNumber(0), 0)
    .option('--permutations <n>', 'permutations of the test', wholeNumber(100), 10_000)
    .option('--json <file>', 'write the comparison, with the queries won and lost, as JSON')
    .action(async (pathA: string, pathB: string, { json, ...options }: CompareFlags) => {
      const [a, b] = [await readReport(pathA), await readReport(pathB)];
      const comparisons = compareReports(a, b, options satisfies CompareOptions);
      const difference = versionDifference(a, b);
      if (difference !== null) context.note(difference);
      const unshared = unsharedSections(a, b);
      if (unshared !== null) context.note(unshared);
      context.print(textComparison(a, b, comparisons));
      if (json !== undefined) {
        const versions = { a: a.datasetVersion ?? null, b: b.datasetVersion ?? null };
        const document = {
          a: a.model,
          b: b.model,
          dataset: a.dataset,
          split: a.split,
          versions,
          comparisons,
        };
        await writeOutput(json, `${JSON.stringify(document, null, 1)}\n`);
      }
    });
};

async function readReport(path: string): Promise<StoredReport> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`${path}: cannot be read; expected a report written by "eval --json".`, cause);
  });
  return parseReportJson(text, path);
}
