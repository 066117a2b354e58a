import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cutMetrics,
  DEFAULT_BATCH_SIZE,
  drawExamples,
  type EmbeddingMatrix,
  type EvaluationReport,
  type EvaluationSet,
  evaluateModel,
  exampleHtml,
  examplePng,
  folderEvaluationSet,
  limitQueries,
  MAKEABLE,
  openTrecRun,
  PAPER_BATCH_SIZE,
  type QueryEncoder,
  reportToJson,
  textReport,
  trecDepth,
  trecRunName,
  unseenStyle,
  withClassWords,
  withUnseenMakers,
  writeReport,
} from '@freestyle/core/evaluation';
import type { EmbeddingModel } from '@freestyle/core/models';
import { writeSafetensors } from '@freestyle/core/weights';
import { Option } from 'commander';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { readVersions } from '../dataset-versions.js';
import { addModelOptions, type ModelFlags, openModel } from '../model-options.js';
import { makerNames, nameList, shareOf, stylePairs, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';
import { writeOutput } from '../write-output.js';

interface EvalFlags extends ModelFlags {
  readonly split?: string;
  readonly queries: QueryEncoder;
  readonly styles?: string[];
  readonly make: string[];
  readonly makers?: Readonly<Record<string, string>>;
  readonly strength?: number;
  readonly mixed: (readonly [string, string])[];
  readonly paper?: number | true;
  readonly unseen: number;
  readonly perStyle?: number;
  readonly batch: number;
  readonly seed: number;
  readonly json?: string;
  readonly report?: string;
  readonly examples: number;
  readonly metrics?: string[];
  readonly embeddings?: string;
}

/** `eval <dataset folder>`: hit@k and MRR by style over the full gallery, with 95 % intervals. */
export const registerEval: RegisterCommand = (program, context) => {
  const command = program
    .command('eval')
    .description('Evaluate a model on a dataset folder: every query against the full gallery, by style.')
    .argument('<folder>', 'dataset folder (with a manifest.jsonl)')
    .option('--split <name>', 'only the photos and queries of this split')
    .addOption(
      new Option('--queries <encoder>', 'encoder of query pictures: the tuned tower, or the plain backbone')
        .choices(['tower', 'backbone'])
        .default('tower'),
    )
    .option('--styles <names>', 'only these query styles', nameList)
    .option(
      '--make <styles>',
      `make these queries where the folder has none: ${MAKEABLE.join(', ')} (texts of the classes)`,
      nameList,
      ['lowres'],
    )
    .option(
      '--makers <list>',
      'always this maker for a made style, e.g. lowres=lowres-mosaic-32,art=art-brush',
      makerNames,
    )
    .option('--strength <x>', 'strength of made queries, 0 to 1; a moderate one when absent', shareOf)
    .option(
      '--unseen <n>',
      'photos of each style drawn by makers that no training sees, as styles of their own; 0 for none',
      wholeNumber(0),
      200,
    )
    .option('--mixed <pairs>', 'also fuse pairs of styles, e.g. text+sketch,text+art', stylePairs, [])
    .option(
      '--paper [batch]',
      `also the paper's in-batch protocol (top-1/top-4 within ${PAPER_BATCH_SIZE} queries)`,
      wholeNumber(2),
    )
    .option(
      '--per-style <n>',
      'queries of each style at most, against the full gallery all the same',
      wholeNumber(1),
    )
    .option('--batch <n>', 'pictures encoded at once', wholeNumber(1), DEFAULT_BATCH_SIZE)
    .option('--seed <n>', 'seed of made queries and of the example sheets', wholeNumber(0), 0)
    .option(
      '--metrics <names>',
      'metrics beside the usual ones: hit@k, recall@k, precision@k, ndcg@k, map@k, mrr@k',
      nameList,
    )
    .option('--embeddings <folder>', 'write the vectors of gallery and queries (safetensors), with their ids')
    .option('--json <file>', 'write the report as JSON')
    .option('--report <folder>', 'write Markdown, CSV, LaTeX, JSON and TREC files, and example sheets')
    .option('--examples <n>', 'queries of each style on the example sheets', wholeNumber(1), 6);
  command.option(
    '--query <folder>',
    'bundle of a query tower that was trained beside this model, for query pictures',
  );
  addModelOptions(command).action(async (folder: string, flags: EvalFlags) => {
    const { split, make, seed } = flags;
    // Bad data is told before the model is loaded, which takes longer.
    const brought = await folderEvaluationSet(folder, {
      split,
      make,
      styles: flags.styles,
      seed,
      ...(flags.makers === undefined ? {} : { makers: flags.makers }),
      ...(flags.strength === undefined ? {} : { strength: flags.strength }),
    });
    const whole = withUnseenMakers(withClassWords(brought, flags.styles), {
      perStyle: flags.unseen,
      seed,
      styles: flags.styles,
    });
    const limited = flags.perStyle === undefined ? whole : limitQueries(whole, flags.perStyle);
    // The folder is hashed while the model loads.
    const [model, [version]] = await Promise.all([
      openModel(flags, context, { symmetric: true }),
      readVersions([folder], context),
    ]);
    const set = { ...limited, version: version ?? null };
    try {
      const report = await evaluateWithFiles(model, set, flags, context);
      context.print(textReport(report));
      if (flags.json !== undefined)
        await writeOutput(flags.json, `${JSON.stringify(reportToJson(report), null, 1)}\n`);
      if (flags.report !== undefined) {
        const paths = await writeReport(report, flags.report);
        const examples = await drawExamples(report, set, { perSection: flags.examples, seed });
        await writeFile(join(flags.report, 'examples.html'), await exampleHtml(report, examples));
        await writeFile(join(flags.report, 'examples.png'), await examplePng(examples));
        context.note(`Wrote ${paths.length + 3} files to ${flags.report}.`);
      }
    } finally {
      await model.close();
    }
  });
};

/** Whoever asks for a style gets it by makers that no training sees too, where there are queries of them. */
function withUnseenNames(styles: readonly string[] | undefined, set: EvaluationSet): string[] | undefined {
  if (styles === undefined) return undefined;
  const there = new Set(set.queries.map(({ style }) => style));
  return [...new Set([...styles, ...styles.map(unseenStyle).filter((name) => there.has(name))])];
}

/** Evaluates, and writes what is only known while it runs: the run file and the vectors. */
async function evaluateWithFiles(
  model: EmbeddingModel,
  set: EvaluationSet,
  flags: EvalFlags,
  context: CliContext,
): Promise<EvaluationReport> {
  const { paper, seed, report: folder, make, split } = flags;
  const progress = progressLine(context, 'done');
  const depth = trecDepth(set.queries.length, set.photos.length);
  const photoIds: string[] = [];
  const run =
    folder === undefined
      ? null
      : await openTrecRun(join(folder, trecRunName(depth, set.photos.length)), {
          photoIds: () => photoIds,
          tag: model.name,
          depth,
        });
  const vectors: Promise<void>[] = [];
  try {
    const report = await evaluateModel(model, set, {
      queryEncoder: flags.queries,
      styles: withUnseenNames(flags.styles, set),
      mixed: flags.mixed,
      paperBatchSize: paper === true ? PAPER_BATCH_SIZE : paper,
      batchSize: flags.batch,
      seed,
      metrics: [...(flags.metrics ?? []), ...(run === null ? [] : cutMetrics(depth, set.photos.length))],
      settings: {
        ...{ split: split ?? null, make, makers: flags.makers ?? null, strength: flags.strength ?? null },
        ...{ perStyle: flags.perStyle ?? null, batch: flags.batch },
      },
      keepTop: folder === undefined ? 10 : 100,
      signal: context.signal,
      onProgress: ({ what, done, total }) => progress.update(what, done, total),
      onRanked: run?.visit,
      onVectors: (what, ids, matrix) => {
        if (what === 'gallery') photoIds.push(...ids);
        if (flags.embeddings === undefined) return;
        const writing = writeVectors(flags.embeddings, what, ids, matrix);
        // Awaited at the end: until then a failure must not count as unhandled.
        writing.catch(() => undefined);
        vectors.push(writing);
      },
    });
    await Promise.all(vectors);
    return report;
  } finally {
    await run?.close();
  }
}

/** `<what>.safetensors` with one tensor `vectors` [rows, dimensions], and `<what>.ids.json`, row by row. */
async function writeVectors(
  folder: string,
  what: string,
  ids: readonly string[],
  { data, rows, dimensions }: EmbeddingMatrix,
): Promise<void> {
  const name = what.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, `${name}.safetensors`), {
    vectors: { dtype: 'F32', shape: [rows, dimensions], data },
  });
  await writeOutput(join(folder, `${name}.ids.json`), `${JSON.stringify(ids, null, 1)}\n`);
}
