export { CLASS_WORDS, classPhrase, withClassWords } from './class-words.js';
export {
  type CompareOptions,
  compareReports,
  textComparison,
  unsharedSections,
  versionDifference,
} from './compare-reports.js';
export type { MapMethod } from './embedding-map.js';
export { DEFAULT_BATCH_SIZE, type QueryEncoder } from './encode-set.js';
export { evaluateModel } from './evaluate-model.js';
export { type EvaluationSet, limitQueries } from './evaluation-set.js';
export { drawExamples, exampleHtml, examplePng } from './example-sheet.js';
export { datasetEvaluationSet, folderEvaluationSet, MAKEABLE } from './folder-evaluation-set.js';
export { gridCsv, gridLatex, gridMarkdown, gridPlot } from './grid-tables.js';
export { HELD_OUT_PLAN, type HeldOutFolderOptions, writeHeldOutFolder } from './held-out-folder.js';
export {
  isUnseenStyle,
  type Makers,
  makersOf,
  plainStyle,
  unseenStyle,
  withUnseenMakers,
} from './makers.js';
export { PAPER_BATCH_SIZE } from './paper-protocol.js';
export { createEncodingMemory, type EncodingMemory, evaluateRemembered } from './remember-encodings.js';
export { type GridRun, reportGrid } from './report-grid.js';
export { parseReportJson, reportToJson, type StoredReport } from './report-json.js';
export { textReport } from './report-tables.js';
export { type StyleMapSide, styleMapSvgs, styleMaps } from './style-maps.js';
export { writeReport } from './write-report.js';
