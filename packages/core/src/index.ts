export {
  captionQueries,
  type Dataset,
  type DatasetRecord,
  type FileQueryRecord,
  type ImageRecord,
  isTextQuery,
  type QueryRecord,
  relevanceOf,
  type TextQueryRecord,
} from './datasets/dataset.js';
export { DatasetError, type DatasetErrorCode } from './datasets/dataset-error.js';
export { hashDataset } from './datasets/dataset-hash.js';
export {
  type DatasetReader,
  type DatasetReaderOptions,
  datasetReaders,
  readDataset,
  recogniseDataset,
} from './datasets/dataset-readers.js';
export {
  type DatasetVersion,
  datasetVersion,
  VERSION_NAME,
  type VersionRecord,
  versionProblem,
  versionRecordSchema,
} from './datasets/dataset-version.js';
export { isImageName } from './datasets/file-index.js';
export { createFileNamer, type FileNamer } from './datasets/file-namer.js';
export { peekCsv } from './datasets/listing/csv-listing.js';
export { isAddress } from './datasets/listing/file-lookup.js';
export type { ListColumns, ListingEntry, ListingSource } from './datasets/listing/listing.js';
export {
  type ListingFormatName,
  listingFormats,
  recogniseListing,
} from './datasets/listing/listing-formats.js';
export { readLines } from './datasets/listing/read-lines.js';
export { parseManifestLine } from './datasets/manifest-record.js';
export {
  MANIFEST_NAME,
  type ReadDatasetOptions,
  readDatasetFolder,
  streamManifest,
} from './datasets/read-dataset-folder.js';
export {
  type DatasetWriter,
  type ImageToWrite,
  openDatasetWriter,
  type PictureSource,
  type QueryToWrite,
} from './datasets/write-dataset-folder.js';
export { CoreError } from './errors.js';
export type { ComparedRun, CompareOptions, Comparison, RunsComparison } from './evaluation/compare-runs.js';
export { compareRuns, MEAN } from './evaluation/compare-runs.js';
export { comparisonSentence, textComparison } from './evaluation/comparison-text.js';
export type { MapMethod, MapPlaces } from './evaluation/embedding-map.js';
export { embeddingMap } from './evaluation/embedding-map.js';
export type { EmbeddingMatrix } from './evaluation/embedding-matrix.js';
export { EvaluationError, stackVectors } from './evaluation/embedding-matrix.js';
export type {
  BrokenPicture,
  EncodedGallery,
  EncodedItem,
  EncodeProgress,
  EncodingStore,
  QueryEncoder,
} from './evaluation/encode-set.js';
export type { Estimate, Interval } from './evaluation/estimates.js';
export { differenceEstimate, FEWEST_UNITS, meanEstimate } from './evaluation/estimates.js';
export { dominantStyle, OUTSIDE_STYLES } from './evaluation/evaluate-clusters.js';
export type { EvaluateOptions } from './evaluation/evaluate-model.js';
export { evaluateModel } from './evaluation/evaluate-model.js';
export type {
  EvaluationReport,
  Figures,
  MixedEvaluation,
  QueryResult,
  StyleEvaluation,
  Summary,
} from './evaluation/evaluation-report.js';
export type { EvaluationPhoto, EvaluationQuery, EvaluationSet } from './evaluation/evaluation-set.js';
export { limitQueries } from './evaluation/evaluation-set.js';
export { drawExamples, exampleHtml, examplePng } from './evaluation/example-sheet.js';
export type { ScoredQuery } from './evaluation/figures.js';
export { metricsOf, summaryOf } from './evaluation/figures.js';
export type { FolderSetOptions } from './evaluation/folder-evaluation-set.js';
export {
  datasetEvaluationSet,
  folderEvaluationSet,
  MADE_STYLES,
} from './evaluation/folder-evaluation-set.js';
export { gridCsv, gridLatex, gridMarkdown, gridPlot } from './evaluation/grid-tables.js';
export type { Metric } from './evaluation/metrics.js';
export { CLASS_METRICS, INSTANCE_METRICS, metricByName } from './evaluation/metrics.js';
export { holmCorrection, pairedRandomisationTest } from './evaluation/paired-test.js';
export { rankRelevant, topPhotos } from './evaluation/ranking.js';
export type { GridRun, ReportGrid } from './evaluation/report-grid.js';
export { reportGrid } from './evaluation/report-grid.js';
export type { StoredReport } from './evaluation/report-json.js';
export { classSummaries, parseReportJson, reportToJson } from './evaluation/report-json.js';
export type { ReportSection } from './evaluation/report-sections.js';
export { reportCaption, reportSections } from './evaluation/report-sections.js';
export { csvReport, latexReport, markdownReport, textReport } from './evaluation/report-tables.js';
export { cutMetrics, openTrecRun, trecDepth, trecQrels, trecRunName } from './evaluation/report-trec.js';
export { scatterSvg } from './evaluation/scatter-svg.js';
export { scoreGallery } from './evaluation/score-gallery.js';
export { styleMapSvgs, styleMaps } from './evaluation/style-maps.js';
export { linearProbe, linearProbes } from './evaluation/style-probe.js';
export { ALPHA, isTold } from './evaluation/tie-groups.js';
export { writeReport } from './evaluation/write-report.js';
export type { FusedQuery, PartContribution, QueryPart, ScoreTerm } from './fusion/fuse-query.js';
export { FusionError, fusedScore, fuseQuery, termValue, WEIGHT_RANGE } from './fusion/fuse-query.js';
export {
  type Chance,
  fitChance,
  MIXED,
  type RelevanceScale,
  relevance,
  relevanceScaleSchema,
  scoreAtRelevance,
  standardise,
} from './fusion/relevance.js';
export { contactSheet } from './image/contact-sheet.js';
export { type CropBox, cropResize } from './image/crop-resize.js';
export {
  DEFAULT_DECODE_LIMITS,
  type DecodeLimits,
  decodeImage,
  encodeJpeg,
  encodePng,
  encodeWebp,
  type ImageInfo,
  makeThumbnail,
  type ResizeKernel,
  readImage,
  readImageInfo,
  resizeImage,
} from './image/image-codec.js';
export { ImageArgumentError, type ImageDecodeCode, ImageDecodeError } from './image/image-errors.js';
export { NEAR_HASH_BITS, type NearHashes, nearHashes } from './image/near-hashes.js';
export { hashDistance, perceptualHash } from './image/perceptual-hash.js';
export {
  CLIP_PREPROCESSING,
  fitToSquare,
  type Preprocessing,
  preprocess,
  preprocessBatch,
  preprocessInto,
} from './image/preprocess.js';
export type { RgbImage } from './image/rgb-image.js';
export { type SniffedFormat, sniffFormat } from './image/sniff-format.js';
export { trimPaper } from './image/trim-paper.js';
export type {
  EmbeddingModel,
  QueryEmbedding,
  ScoreCalibration,
  StyleReport,
  StyleWeight,
} from './models/embedding-model.js';
export { DEFAULT_MODEL, type LoadModelOptions, loadModel } from './models/load-model.js';
export { ModelError, SymmetricTowerError } from './models/model-error.js';
export { loadPretrainedModel, pretrainedLoaders } from './models/pretrained-model.js';
export type { Random, RandomState } from './random.js';
export { createRandom, restoreRandom } from './random.js';
export type { Batcher, BatcherOptions } from './runtime/micro-batcher.js';
export { BatcherClosedError, createBatcher } from './runtime/micro-batcher.js';
export type { Placement } from './runtime/placements.js';
export type { ProviderRequest, SelectedProvider } from './runtime/provider.js';
export { ProviderUnavailableError, selectProvider } from './runtime/provider.js';
export { bucketSize, padRows, takeRows } from './runtime/shape-buckets.js';
export type { ClusterAgreement } from './style-space/cluster-agreement.js';
export { clusterAgreement } from './style-space/cluster-agreement.js';
export type { FeatureMatrix } from './style-space/feature-matrix.js';
export { featureMatrix } from './style-space/feature-matrix.js';
export { gramFeature, gramFeatureLength, gramMatrix, upperTriangle } from './style-space/gram.js';
export type { KMeans, KMeansOptions } from './style-space/kmeans.js';
export { kMeans } from './style-space/kmeans.js';
export type { Pca } from './style-space/pca.js';
export { applyPca, fitPca } from './style-space/pca.js';
export type { FitStyleSpaceOptions, StyleProjection, StyleSpace } from './style-space/style-space.js';
export {
  assertStyleSpaceFits,
  calibrateOutside,
  fitStyleSpace,
  projectStyle,
  reduceStyle,
} from './style-space/style-space.js';
export { StyleSpaceError } from './style-space/style-space-error.js';
export { readStyleSpace, styleSpaceHash, writeStyleSpace } from './style-space/style-space-file.js';
export { meanSilhouette, suggestClusterCount } from './style-space/suggest-clusters.js';
export { mosaic, shrinkForMosaic } from './styles/lowres.js';
export type { StyleMaker, StyleMakerEntry, StyleOptions } from './styles/style-maker.js';
export { styleMaker, styleMakerNames, styleMakers, UnknownStyleMakerError } from './styles/style-makers.js';
export {
  makeStyleVersions,
  type StyleVersion,
  VERSION_SIDE,
  type VersionRequest,
} from './styles/style-version.js';
export { loadTokenizer, parseTokenizerJson } from './text/load-tokenizer.js';
export type { TokenBatch, Tokenizer, TokenizerOptions } from './text/tokenizer.js';
export { createTokenizer } from './text/tokenizer.js';
export { TokenizerError } from './text/tokenizer-error.js';
export type { TokenizerJson } from './text/tokenizer-json.js';
export { trainBpeTokenizer } from './text/train-bpe-tokenizer.js';
export type { Checkpoint, CheckpointMeta, LoadedCheckpoint } from './training/checkpoint.js';
export { CheckpointError, loadCheckpoint, restoreParameters, saveCheckpoint } from './training/checkpoint.js';
export type { BundleManifest } from './weights/bundle-manifest.js';
export type { DType } from './weights/dtype.js';
export { HubError } from './weights/hub-error.js';
export { hubOptionsFrom } from './weights/hub-options.js';
export type { ProxySettings } from './weights/hub-request.js';
export type { ModelBundle } from './weights/model-bundle.js';
export {
  assertBundleFits,
  BundleError,
  BundleMismatchError,
  readBundle,
  writeBundle,
} from './weights/model-bundle.js';
export type { HubFile, HubFileRequest, HubOptions, ModelHub } from './weights/model-hub.js';
export { openModelHub } from './weights/model-hub.js';
export { readPytorchCheckpoint } from './weights/pytorch-checkpoint.js';
export { dequantizeRows, quantizeRows } from './weights/quantize.js';
export { loadSafetensors, readSafetensors } from './weights/read-safetensors.js';
export type {
  ReadWeightsOptions,
  TensorInfo,
  TensorMap,
  WeightMap,
  WeightTensor,
} from './weights/tensor-map.js';
export { loadWeightMap } from './weights/tensor-map.js';
export {
  MissingTensorError,
  NonFiniteWeightsError,
  TensorShapeError,
  WeightsFormatError,
} from './weights/weights-error.js';
export type { TensorsToWrite, TensorToWrite } from './weights/write-safetensors.js';
export { writeSafetensors } from './weights/write-safetensors.js';
