import type { EmbeddingModel, ScoreCalibration } from '../models/embedding-model.js';
import { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';
import {
  type EncodedGallery,
  type EncodeOptions,
  encodeGallery,
  encodeQueries,
  type QueryEncoder,
} from './encode-set.js';
import { CONFIDENCE } from './estimates.js';
import { evaluateClusters } from './evaluate-clusters.js';
import { checkMixedStyles, evaluateMixed } from './evaluate-mixed.js';
import type { EvaluationReport, Figures, StyleEvaluation, UnansweredQueries } from './evaluation-report.js';
import type { Identities } from './evaluation-set.js';
import {
  type EvaluationQuery,
  type EvaluationSet,
  type JudgedQueries,
  type JudgedQuery,
  judgeQueries,
} from './evaluation-set.js';
import { type RankOptions, rankQueries, summarise, type VisitRanked } from './figures.js';
import { metricByName } from './metrics.js';
import { type PaperProtocolResult, paperProtocol, releasedProtocol } from './paper-protocol.js';
import { identifyQueries } from './query-identity.js';
import { unansweredNote } from './report-sections.js';
import { type EncodedStyle, pickRows, type StyleContext } from './style-context.js';

/** Called for each ranked query of a section of the report, with its scores over the gallery (overwritten afterwards). */
export type VisitSection = (section: string, ...ranked: Parameters<VisitRanked>) => void;

export interface EvaluateOptions extends EncodeOptions {
  /** Encoder of query pictures; the tuned tower by default. */
  readonly queryEncoder?: QueryEncoder;
  /** Only these styles; all by default. @throws for one that the set lacks. */
  readonly styles?: readonly string[] | undefined;
  /** Pairs of styles to fuse, e.g. `['text', 'sketch']`. */
  readonly mixed?: readonly (readonly [string, string])[];
  /** Also report the paper's in-batch protocol, with this batch size. */
  readonly paperBatchSize?: number | undefined;
  /** The gallery, where it was encoded before: query towers of one backbone share it. */
  readonly gallery?: EncodedGallery;
  /** Metrics beside those that every report has, e.g. `recall@50`, `precision@5`. */
  readonly metrics?: readonly string[] | undefined;
  /** Kept in the report: how made queries were made. Intervals need no seed. */
  readonly seed?: number;
  /** Whatever else decided the figures, to be kept in the report. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Length of the ranked list kept for each query (reports, example sheets). */
  readonly keepTop?: number;
  readonly onRanked?: VisitSection | undefined;
  /** The vectors of the gallery (`gallery`) and of each style, as they are ready. */
  readonly onVectors?: ((what: string, ids: readonly string[], vectors: EmbeddingMatrix) => void) | undefined;
}

/** Evaluates a model over the full gallery: encodes every photo by the frozen backbone and every query by its own tower,
 *  ranks, and reports each style with 95 % intervals. The same data give the same report. A style without a query that
 *  can be answered has no figures and is named under `unanswered`; a picture that cannot be read is named under `broken`.
 *  @throws {EvaluationError} empty gallery, no queries, an unknown style, no style whose queries can be answered. */
export async function evaluateModel(
  model: EmbeddingModel,
  whole: EvaluationSet,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const {
    queryEncoder = 'tower',
    seed = 0,
    keepTop = 10,
    paperBatchSize = null,
    metrics: more = [],
  } = options;
  for (const name of more) metricByName(name);
  const byStyle = groupByStyle(whole, options.styles);
  checkMixedStyles(options.mixed ?? [], whole.name, [...byStyle.keys()]);
  const identities = await identifyQueries(whole);
  // Told before anything is encoded, which takes longer.
  judgeStyles(whole, byStyle, identities);
  const {
    photos,
    vectors: gallery,
    broken,
  } = options.gallery ?? (await encodeGallery(model, whole.photos, options));
  options.onVectors?.(
    'gallery',
    photos.map(({ id }) => id),
    gallery,
  );
  const set = { ...whole, photos };
  const ranking = (section: string, total: number): RankOptions => ({
    keepTop,
    classOf: (row) => photos[row]?.className,
    visit: options.onRanked && ((...ranked) => options.onRanked?.(section, ...ranked)),
    onRanked: (done) => options.onProgress?.({ what: `${section}, ranked`, done, total }),
    signal: options.signal,
  });
  const context: StyleContext = { set, gallery, identities, keepTop, more, ranking };
  const encoded = await encodeStyles(model, byStyle, queryEncoder, options);
  const { levels, unanswered } = judgeStyles(
    set,
    new Map([...encoded].map(([style, { queries }]) => [style, queries])),
    identities,
  );
  const styles: StyleEvaluation[] = [];
  for (const [style, entry] of encoded) {
    const evaluated = await evaluateStyle(entry, levels.get(style) ?? [], context);
    if (evaluated !== null) styles.push(evaluated);
  }
  const mixed = await evaluateMixed(options.mixed ?? [], encoded, model.calibration, context);
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
    settings: {
      confidence: CONFIDENCE,
      queryEncoder,
      styles: options.styles ?? null,
      mixed: (options.mixed ?? []).map((pair) => pair.join('+')),
      paperBatchSize,
      metrics: more,
      keepTop,
      seed,
      ...options.settings,
    },
    broken: [...broken, ...[...encoded.values()].flatMap((entry) => entry.encoded.broken)],
    styles,
    unanswered,
    mixed,
    clusters: evaluateClusters(styles, more),
    ...(paperBatchSize === null
      ? { paperProtocol: {}, releasedProtocol: {} }
      : paperProtocols(encoded, paperBatchSize, context)),
  };
}

async function encodeStyles(
  model: EmbeddingModel,
  byStyle: ReadonlyMap<string, readonly EvaluationQuery[]>,
  encoder: QueryEncoder,
  options: EvaluateOptions,
): Promise<Map<string, EncodedStyle>> {
  const encoded = new Map<string, EncodedStyle>();
  for (const [style, all] of byStyle) {
    const vectors = await encodeQueries(model, all, encoder, options);
    const { queries } = vectors;
    options.onVectors?.(
      style,
      queries.map(({ id }) => id),
      vectors.vectors,
    );
    encoded.set(style, { style, queries, encoded: vectors });
  }
  return encoded;
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
  identities: Identities,
): { readonly levels: ReadonlyMap<string, JudgedQueries[]>; readonly unanswered: UnansweredQueries[] } {
  const levels = new Map<string, JudgedQueries[]>();
  const unanswered: UnansweredQueries[] = [];
  for (const [style, queries] of byStyle) {
    const judged = (['instance', 'class'] as const)
      .map((level) => judgeQueries(set, queries, level, identities))
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
async function evaluateStyle(
  entry: EncodedStyle,
  levels: readonly JudgedQueries[],
  context: StyleContext,
): Promise<StyleEvaluation | null> {
  const { set, more } = context;
  const evaluated: { figures: Figures; calibration: ScoreCalibration }[] = [];
  for (const judged of levels) {
    const section = evaluated.length === 0 ? entry.style : `${entry.style} (class)`;
    const { results, calibration } = await rankJudged(entry, judged, section, context);
    const what = `${set.name}, style ${entry.style}`;
    const figures = summarise(results, judged.level, judged.skipped, { what, more });
    evaluated.push({ figures, calibration });
  }
  const [main, second] = evaluated;
  if (main === undefined) return null;
  // Class level counts fewer photos as non-matching by mistake: its calibration is the better one where there is one.
  const { calibration } = second ?? main;
  return { style: entry.style, figures: main.figures, byClass: second?.figures ?? null, calibration };
}

function rankJudged(
  entry: EncodedStyle,
  { judged }: JudgedQueries,
  section: string,
  context: StyleContext,
): ReturnType<typeof rankQueries> {
  const rows = new Map(entry.queries.map((query, row) => [query, row]));
  const rowOf = ({ query }: JudgedQuery) => rows.get(query) ?? 0;
  const seen = judged.map((one) => ({ ...one, seen: entry.encoded.styles[rowOf(one)] ?? null }));
  return rankQueries(
    pickRows(entry.encoded.vectors, judged.map(rowOf)),
    context.gallery,
    seen,
    context.ranking(section, judged.length),
  );
}

/** Both readings of the paper's protocol, for the styles whose queries name their photo. */
function paperProtocols(
  encoded: ReadonlyMap<string, EncodedStyle>,
  batchSize: number,
  { set, gallery }: StyleContext,
): Pick<EvaluationReport, 'paperProtocol' | 'releasedProtocol'> {
  const rowOf = new Map(set.photos.map((photo, row) => [photo.id, row]));
  const paper: Record<string, PaperProtocolResult> = {};
  const released: Record<string, PaperProtocolResult> = {};
  for (const [style, entry] of encoded) {
    const meant = entry.queries.flatMap(({ target }, row) => {
      const photo = target === undefined ? undefined : rowOf.get(target);
      return photo === undefined ? [] : [{ row, photo }];
    });
    if (meant.length === 0) continue;
    const vectors = pickRows(
      entry.encoded.vectors,
      meant.map(({ row }) => row),
    );
    const targets = meant.map(({ photo }) => photo);
    paper[style] = paperProtocol(vectors, gallery, targets, batchSize);
    const toTheLetter = releasedProtocol(vectors, gallery, targets, batchSize);
    if (toTheLetter !== null) released[style] = toTheLetter;
  }
  return { paperProtocol: paper, releasedProtocol: released };
}
