export { CLASS_WORDS, classPhrase, withClassWords } from './class-words.js';
export {
  type ComparedRun,
  type CompareOptions,
  type Comparison,
  compareRuns,
  MEAN,
  type RunsComparison,
} from './compare-runs.js';
export { comparisonSentence, textComparison } from './comparison-text.js';
export type { MapMethod } from './embedding-map.js';
export { type EmbeddingMatrix, EvaluationError } from './embedding-matrix.js';
export {
  type BrokenPicture,
  DEFAULT_BATCH_SIZE,
  type EncodeProgress,
  type QueryEncoder,
} from './encode-set.js';
export { openEncodingFolder } from './encoding-folder.js';
export { FEWEST_UNITS, type Interval } from './estimates.js';
export { dominantStyle, OUTSIDE_STYLES } from './evaluate-clusters.js';
export { type EvaluateOptions, evaluateModel } from './evaluate-model.js';
export type { EvaluationReport, Figures, QueryResult, Summary } from './evaluation-report.js';
export {
  type EvaluationPhoto,
  type EvaluationQuery,
  type EvaluationSet,
  limitQueries,
} from './evaluation-set.js';
export { drawExamples, exampleHtml, examplePng } from './example-sheet.js';
export { metricsOf, type ScoredQuery, summaryOf } from './figures.js';
export { datasetEvaluationSet, folderEvaluationSet, MAKEABLE } from './folder-evaluation-set.js';
export { gridCsv, gridLatex, gridMarkdown, gridPlot } from './grid-tables.js';
export { HELD_OUT_PLAN, type HeldOutFolderOptions, writeHeldOutFolder } from './held-out-folder.js';
export { type LargeMapOptions, largeMap } from './large-map.js';
export {
  isUnseenStyle,
  type Makers,
  makersOf,
  plainStyle,
  unseenStyle,
  withUnseenMakers,
} from './makers.js';
export { CLASS_METRICS, followsFromFirstRank, INSTANCE_METRICS, metricByName } from './metrics.js';
export { pairedDifference } from './paired-difference.js';
export { PAPER_BATCH_SIZE } from './paper-protocol.js';
export { createEncodingMemory, type EncodingMemory, evaluateRemembered } from './remember-encodings.js';
export { type GridRun, reportGrid } from './report-grid.js';
export { parseReportJson, reportToJson, type StoredQueries, type StoredReport } from './report-json.js';
export { type ReportSection, reportCaption, reportSections } from './report-sections.js';
export { textReport } from './report-tables.js';
export { cutMetrics, openTrecRun, trecDepth, trecRunName } from './report-trec.js';
export { probeText, type StyleMapSide, styleMapSvgs, styleMaps } from './style-maps.js';
export { ALPHA, isTold, tieGroups } from './tie-groups.js';
export { writeReport } from './write-report.js';
