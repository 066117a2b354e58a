import type { EmbeddingModel } from '../models/embedding-model.js';
import { createRandom } from '../random.js';
import { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';
import { type EncodeOptions, encodeGallery, encodeQueries, type QueryEncoder } from './encode-set.js';
import { evaluateClusters } from './evaluate-clusters.js';
import { checkMixedStyles, evaluateMixed } from './evaluate-mixed.js';
import type { EvaluationReport, StyleEvaluation, UnansweredQueries } from './evaluation-report.js';
import {
  type EvaluationQuery,
  type EvaluationSet,
  type JudgedQueries,
  type JudgedQuery,
  judgeQueries,
} from './evaluation-set.js';
import { rankQueries, summarise } from './figures.js';
import { type PaperProtocolResult, paperProtocol } from './paper-protocol.js';
import { unansweredNote } from './report-sections.js';
import { type EncodedStyle, pickRows, type StyleContext } from './style-context.js';

export interface EvaluateOptions extends EncodeOptions {
  /** Encoder of query pictures; the tuned tower by default. */
  readonly queryEncoder?: QueryEncoder;
  /** Only these styles; all by default. @throws for one that the set lacks. */
  readonly styles?: readonly string[] | undefined;
  /** Pairs of styles to fuse, e.g. `['text', 'sketch']`. */
  readonly mixed?: readonly (readonly [string, string])[];
  /** Also report the paper's in-batch protocol, with this batch size. */
  readonly paperBatchSize?: number | undefined;
  /** The gallery's vectors, row i for photo i, where they were encoded before: query towers of one backbone share them. */
  readonly galleryVectors?: EmbeddingMatrix;
  readonly seed?: number;
  readonly resamples?: number;
  /** Length of the ranked list kept for each query (reports, example sheets, TREC runs). */
  readonly keepTop?: number;
}

/** Evaluates a model over the full gallery: encodes every photo by the frozen backbone and every query by its own tower,
 *  ranks, and reports each style with 95 % intervals. The same seed gives the same report. A style without a query that
 *  can be answered has no figures and is named under `unanswered`.
 *  @throws {EvaluationError} empty gallery, no queries, an unknown style, no style whose queries can be answered. */
export async function evaluateModel(
  model: EmbeddingModel,
  set: EvaluationSet,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const { queryEncoder = 'tower', seed = 0, keepTop = 10, resamples, paperBatchSize } = options;
  const byStyle = groupByStyle(set, options.styles);
  checkMixedStyles(options.mixed ?? [], set.name, [...byStyle.keys()]);
  const { levels, unanswered } = judgeStyles(set, byStyle);
  const gallery = options.galleryVectors ?? (await encodeGallery(model, set.photos, options));
  const context: StyleContext = { set, gallery, random: createRandom(seed), keepTop, resamples };
  const styles: StyleEvaluation[] = [];
  const encoded = new Map<string, EncodedStyle>();
  const paper: Record<string, PaperProtocolResult> = {};
  for (const [style, queries] of byStyle) {
    const vectors = await encodeQueries(model, queries, queryEncoder, options);
    const entry = { style, queries, encoded: vectors };
    encoded.set(style, entry);
    const evaluated = evaluateStyle(entry, levels.get(style) ?? [], context);
    if (evaluated !== null) styles.push(evaluated);
    if (paperBatchSize !== undefined) addPaperProtocol(paper, entry, paperBatchSize, context);
  }
  return {
    model: model.name,
    spaceHash: model.spaceHash,
    queryHash: model.queryHash,
    queryEncoder,
    galleryEncoder: model.symmetric ? 'tower' : 'backbone',
    dataset: set.name,
    split: set.split,
    datasetVersion: set.version ?? null,
    protocol: 'full-gallery',
    gallery: set.photos.length,
    photoIds: set.photos.map((photo) => photo.id),
    seed,
    styles,
    unanswered,
    mixed: evaluateMixed(options.mixed ?? [], encoded, model.calibration, context),
    clusters: evaluateClusters(styles, context),
    paperProtocol: paper,
  };
}

function groupByStyle(
  set: EvaluationSet,
  only: readonly string[] | undefined,
): Map<string, EvaluationQuery[]> {
  const byStyle = new Map<string, EvaluationQuery[]>();
  for (const query of set.queries) {
    const group = byStyle.get(query.style);
    if (group === undefined) byStyle.set(query.style, [query]);
    else group.push(query);
  }
  for (const style of only ?? []) {
    if (!byStyle.has(style)) {
      throw new EvaluationError(
        'EVALUATION_STYLE_UNKNOWN',
        `${set.name} has no queries in style "${style}"; it has ${[...byStyle.keys()].join(', ') || 'none at all'}.`,
      );
    }
  }
  if (only !== undefined)
    for (const style of [...byStyle.keys()]) if (!only.includes(style)) byStyle.delete(style);
  if (byStyle.size === 0) {
    throw new EvaluationError('EVALUATION_EMPTY', `${set.name}: there are no queries to evaluate.`);
  }
  return byStyle;
}

/** The levels of each style that have a query to judge, and what cannot be answered at all.
 *  @throws {EvaluationError} when nothing can be answered, before anything is encoded. */
function judgeStyles(
  set: EvaluationSet,
  byStyle: ReadonlyMap<string, readonly EvaluationQuery[]>,
): { readonly levels: ReadonlyMap<string, JudgedQueries[]>; readonly unanswered: UnansweredQueries[] } {
  const levels = new Map<string, JudgedQueries[]>();
  const unanswered: UnansweredQueries[] = [];
  for (const [style, queries] of byStyle) {
    const judged = (['instance', 'class'] as const)
      .map((level) => judgeQueries(set, queries, level))
      .filter((level) => level.judged.length + level.skipped > 0);
    if (judged.length === 0) unanswered.push({ style, level: null, queries: queries.length });
    for (const { level, judged: some, skipped } of judged)
      if (some.length === 0) unanswered.push({ style, level, queries: skipped });
    const answered = judged.filter((level) => level.judged.length > 0);
    if (answered.length > 0) levels.set(style, answered);
  }
  // An empty gallery has its own error, where it is encoded.
  if (levels.size === 0 && set.photos.length > 0) {
    throw new EvaluationError(
      'EVALUATION_NO_RELEVANT',
      `${set.name}: no query has a relevant photo in the gallery. ${unanswered.map(unansweredNote).join(' ')}`,
    );
  }
  return { levels, unanswered };
}

/** Null where no level has a query to judge. */
function evaluateStyle(
  entry: EncodedStyle,
  levels: readonly JudgedQueries[],
  context: StyleContext,
): StyleEvaluation | null {
  const { set, random, resamples } = context;
  const evaluated = levels.map((judged) => {
    const { results, calibration } = rankJudged(entry, judged, context);
    const what = `${set.name}, style ${entry.style}`;
    const stream = random.fork(`${entry.style} ${judged.level}`);
    const figures = summarise(results, judged.level, judged.skipped, { random: stream, resamples, what });
    return { figures, calibration };
  });
  const [main, second] = evaluated;
  if (main === undefined) return null;
  // Class level counts fewer photos as non-matching by mistake: its calibration is the better one where there is one.
  const { calibration } = second ?? main;
  return { style: entry.style, figures: main.figures, byClass: second?.figures ?? null, calibration };
}

function rankJudged(
  entry: EncodedStyle,
  { judged }: JudgedQueries,
  context: StyleContext,
): ReturnType<typeof rankQueries> {
  const rows = new Map(entry.queries.map((query, row) => [query, row]));
  const rowOf = ({ query }: JudgedQuery) => rows.get(query) ?? 0;
  const seen = judged.map((one) => ({ ...one, seen: entry.encoded.styles[rowOf(one)] ?? null }));
  return rankQueries(
    pickRows(entry.encoded.vectors, judged.map(rowOf)),
    context.gallery,
    seen,
    context.keepTop,
  );
}

function addPaperProtocol(
  paper: Record<string, PaperProtocolResult>,
  entry: EncodedStyle,
  batchSize: number,
  context: StyleContext,
): void {
  const rowOf = new Map(context.set.photos.map((photo, row) => [photo.id, row]));
  const rows: number[] = [];
  const targets: number[] = [];
  for (const [row, query] of entry.queries.entries()) {
    const target = query.target === undefined ? undefined : rowOf.get(query.target);
    if (target === undefined) continue;
    rows.push(row);
    targets.push(target);
  }
  if (rows.length === 0) return;
  const vectors = pickRows(entry.encoded.vectors, rows);
  paper[entry.style] = paperProtocol(vectors, context.gallery, targets, batchSize);
}
