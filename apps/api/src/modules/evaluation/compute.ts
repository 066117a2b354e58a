import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Dataset, type HubOptions, loadModel, openModelHub } from '@freestyle/core';
import {
  cutMetrics,
  datasetEvaluationSet,
  dominantStyle,
  type EvaluationReport,
  type EvaluationSet,
  evaluateModel,
  limitQueries,
  metricByName,
  metricsOf,
  openEncodingFolder,
  openTrecRun,
  type QueryResult,
  reportSections,
  reportToJson,
  trecDepth,
  trecRunName,
  writeReport,
} from '@freestyle/core/evaluation';
import type { ComputeRun, ComputeTask } from '../../platform/jobs/compute-task.js';
import type { QueryEncoderChoice } from './encoders.js';
import type { EvaluationOptions } from './options.js';
import type { StoredResult } from './stored.js';

export interface EvaluateInput {
  /** Everything lies here: `dataset.json`, the vectors that are kept, at the end `results.jsonl` and `report`. */
  readonly folder: string;
  readonly encoder: QueryEncoderChoice;
  /** Where a model comes from that the server was started with by its name on a hub. */
  readonly hub: HubOptions;
  readonly options: EvaluationOptions;
  readonly version: { readonly name: string; readonly hash: string };
}

export interface EvaluateOutput {
  readonly queries: number;
  readonly gallery: number;
}

/** Evaluates as `freestyle eval` does, by the same functions. Vectors are kept as they are made: killed, it goes on. */
export const compute: ComputeTask<EvaluateInput, EvaluateOutput> = async (input, run) => {
  const { folder, encoder, options } = input;
  const set = await readSet(input);
  run.log(`${set.photos.length} photos, ${set.queries.length} queries; opening ${encoder.model}.`);
  const hub = openModelHub(input.hub);
  const model = await loadModel(encoder.model, {
    ...{ hub, threads: run.threads, symmetric: true },
    ...(encoder.query !== null && { query: encoder.query }),
  }).finally(() => hub.close());
  const reportFolder = join(folder, 'report');
  await mkdir(reportFolder, { recursive: true });
  const depth = trecDepth(set.queries.length, set.photos.length);
  const photoIds: string[] = [];
  const trec = await openTrecRun(join(reportFolder, trecRunName(depth, set.photos.length)), {
    photoIds: () => photoIds,
    tag: model.name,
    depth,
  });
  try {
    const report = await evaluateModel(model, set, {
      queryEncoder: encoder.queries,
      styles: options.styles ?? undefined,
      mixed: options.mixed.map((pair) => pairOf(pair)),
      paperBatchSize: options.paperBatch ?? undefined,
      store: await openEncodingFolder(join(folder, 'vectors')),
      metrics: cutMetrics(depth, set.photos.length),
      settings: { ...options, encoder: encoder.id },
      keepTop: 10,
      signal: run.signal,
      onProgress: counting(set, run),
      onRanked: trec.visit,
      onVectors: (what, ids) => {
        if (what === 'gallery') photoIds.push(...ids);
      },
    });
    const named = { ...report, model: encoder.name };
    await writeReport(named, reportFolder);
    const results = await writeResults(named, set, folder);
    const { perQuery: _perQuery, photos: _photos, ...kept } = reportToJson(named);
    await writeFile(join(folder, 'kept.json'), JSON.stringify(kept));
    return { queries: results, gallery: report.gallery };
  } finally {
    await trec.close();
    await model.close();
  }
};

async function readSet({ folder, options, version }: EvaluateInput): Promise<EvaluationSet> {
  const whole = JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8')) as Dataset;
  const { split } = options;
  const inSplit = (record: { readonly split?: string }) => split === null || record.split === split;
  const dataset: Dataset = {
    ...whole,
    images: whole.images.filter(inSplit),
    queries: whole.queries.filter(inSplit),
  };
  const styles = options.styles ?? undefined;
  const set = datasetEvaluationSet(dataset, { split: split ?? undefined, styles });
  const limited = options.perStyle === null ? set : limitQueries(set, options.perStyle);
  return { ...limited, version: { name: version.name, hash: version.hash, recorded: null } };
}

const pairOf = (pair: string): readonly [string, string] => {
  const [first = '', second = ''] = pair.split('+');
  return [first, second];
};

/** One count for all: each photo and query encoded, each query ranked. Sections that rank the same queries again (class
 *  level, pairs) take little and do not count, so the number never falls. */
function counting(set: EvaluationSet, run: ComputeRun) {
  const done = new Map<string, number>();
  const styles = new Set(set.queries.map(({ style }) => style));
  const counted = new Set(['gallery', ...styles, ...[...styles].map((style) => `${style}, ranked`)]);
  const total = set.photos.length + 2 * set.queries.length;
  return ({ what, done: now }: { readonly what: string; readonly done: number }) => {
    if (!counted.has(what)) return;
    done.set(what, now);
    const sum = [...done.values()].reduce((all, one) => all + one, 0);
    run.progress(Math.min(sum, total), total).catch(() => {});
  };
}

/** Each query of each section as a line. @returns how many. */
async function writeResults(report: EvaluationReport, set: EvaluationSet, folder: string): Promise<number> {
  const stream = createWriteStream(join(folder, 'results.jsonl'));
  const queries = new Map(set.queries.map((query) => [query.id, query]));
  const more = Array.isArray(report.settings.metrics) ? report.settings.metrics.map(String) : [];
  const dataset = JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8')) as Dataset;
  const paths = new Map(
    dataset.queries.flatMap((query) => ('path' in query ? [[query.file, query.path]] : [])),
  );
  let count = 0;
  for (const { name, kind, figures } of reportSections(report)) {
    if (kind !== 'style' && kind !== 'mixed') continue;
    for (const result of figures.results) {
      const stored: StoredResult = {
        section: name,
        key: result.key,
        level: figures.level,
        parts: result.parts.map((id) => partOf(id, queries.get(id), paths)),
        targetId: queries.get(result.parts[0] ?? '')?.target ?? null,
        className: result.className,
        cluster: result.cluster,
        weight: result.weight,
        styleCluster: result.seen === null ? null : dominantStyle(result.seen),
        seen: result.seen === null ? null : [...result.seen.weights],
        slices: { ...result.slices },
        firstRank: result.ranks[0] ?? 0,
        tied: result.tied,
        values: valuesOf(result, metricsOf(figures.level, more)),
        top: result.top.map(({ index, score }) => ({
          imageId: report.photoIds[index] ?? '',
          score,
          right: result.relevant.includes(index),
        })),
      };
      count++;
      if (!stream.write(`${JSON.stringify(stored)}\n`)) await once(stream, 'drain');
    }
  }
  stream.end();
  await finished(stream);
  return count;
}

function valuesOf({ ranks }: QueryResult, metrics: readonly string[]): Record<string, number> {
  const others = metrics.filter((name) => !/^(hit@\d+|mrr(@\d+)?)$/.test(name));
  return Object.fromEntries(others.map((name) => [name, metricByName(name).compute(ranks)]));
}

function partOf(
  id: string,
  query: EvaluationSet['queries'][number] | undefined,
  paths: ReadonlyMap<string, string>,
): StoredResult['parts'][number] {
  if (query !== undefined && 'text' in query.content)
    return { text: query.content.text, contentHash: null, madeOf: null };
  // Blobs are called by the hash of their content.
  const path = paths.get(id.replace(/#\d+$/, ''));
  const hash = path === undefined ? null : basename(path).replace(/^lost /, '');
  return { text: null, contentHash: hash, madeOf: hash === null ? (query?.target ?? null) : null };
}
