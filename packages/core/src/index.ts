// The numeric engine in short. Each room has an entry point of its own with more: `@freestyle/core/datasets`,
// `/evaluation`, `/freestyle`, `/image`, `/models`, `/runtime`, `/style-space`, `/styles`, `/text`, `/training`, `/weights`.

// Datasets: readers, listings, versions.
export {
  type Dataset,
  type DatasetRecord,
  type ImageRecord,
  isTextQuery,
  type QueryRecord,
} from './datasets/dataset.js';
export { DatasetError } from './datasets/dataset-error.js';
export { datasetReaders, readDataset } from './datasets/dataset-readers.js';
export {
  datasetVersion,
  VERSION_NAME,
  type VersionRecord,
  versionProblem,
} from './datasets/dataset-version.js';
export { isImageName } from './datasets/file-index.js';
export { createFileNamer } from './datasets/file-namer.js';
export { peekCsv } from './datasets/listing/csv-listing.js';
export { isAddress } from './datasets/listing/file-lookup.js';
export type { ListingEntry, ListingFormat, ListingSource } from './datasets/listing/listing.js';
export {
  type ListingFormatName,
  listingFormats,
  recogniseListing,
} from './datasets/listing/listing-formats.js';
export { readLines } from './datasets/listing/read-lines.js';
export { MANIFEST_NAME, readDatasetFolder } from './datasets/read-dataset-folder.js';
export { passedOverReason } from './datasets/system-files.js';
export { detectEncoding, TEXT_ENCODINGS, type TextEncoding } from './datasets/text-file.js';
// Errors: every one that core throws on purpose is a `CoreError` with a stable code.
export { CoreError } from './errors.js';
// Evaluation: a model over a set of queries. Metrics, tests and reports: `@freestyle/core/evaluation`.
export { type Estimate, type Interval, meanEstimate } from './evaluation/estimates.js';
export { evaluateModel } from './evaluation/evaluate-model.js';
export type { EvaluationReport } from './evaluation/evaluation-report.js';
export type { EvaluationSet } from './evaluation/evaluation-set.js';
export { datasetEvaluationSet, folderEvaluationSet } from './evaluation/folder-evaluation-set.js';
// Composite queries: weighted parts, negatives, and what each part adds to a score.
export {
  type FusedQuery,
  FusionError,
  fusedScore,
  fuseQuery,
  type PartContribution,
  type QueryPart,
  type ScoreTerm,
  termValue,
  WEIGHT_RANGE,
} from './fusion/fuse-query.js';
export { madeUpWords } from './fusion/made-up-words.js';
export {
  LEAST_RELEVANCE,
  type RelevanceScale,
  relevance,
  relevanceOnGallery,
  scoreAtRelevance,
} from './fusion/relevance.js';
// Pictures: decoding with limits, resizing, hashes of likeness.
export type { CropBox } from './image/crop-resize.js';
export {
  DEFAULT_DECODE_LIMITS,
  type DecodeWish,
  decodeImage,
  encodeJpeg,
  encodePng,
  type ImageInfo,
  makeThumbnail,
  type OpenedImage,
  openImage,
  readImageInfo,
  resizeImage,
} from './image/image-codec.js';
export { ImageDecodeError } from './image/image-errors.js';
export { nearHashes } from './image/near-hashes.js';
export { hashDistance, perceptualHash } from './image/perceptual-hash.js';
export type { RgbImage } from './image/rgb-image.js';
export { sniffFormat } from './image/sniff-format.js';
export { trimPaper } from './image/trim-paper.js';
// Models: open one by name, encode photos, words and queries; the backbone that a query tower is trained beside.
export type { EmbeddingModel, QueryEmbedding, StyleReport } from './models/embedding-model.js';
export { DEFAULT_MODEL, type LoadModelOptions, loadModel, openBackbone } from './models/load-model.js';
export { ModelError } from './models/model-error.js';
// What runs it all: execution providers, and random numbers from a seed.
export { createRandom, type Random } from './random.js';
export type { Placement } from './runtime/placements.js';
export {
  type ProviderRequest,
  ProviderUnavailableError,
  type SelectedProvider,
  selectProvider,
} from './runtime/provider.js';
// Styles: query pictures made of photos.
export { styleMaker, styleMakerNames, styleMakers, UnknownStyleMakerError } from './styles/style-makers.js';
export type { StyleVersion, VersionRequest } from './styles/style-version.js';
// Training: bundles from datasets. Recipes and the loop itself: `@freestyle/core/training`.
export { trainBase } from './training/recipes/base/train-base.js';
export { buildQueryTower } from './training/recipes/query/build-query-tower.js';
// Weights: model bundles and the hub.
export type { BundleManifest } from './weights/bundle-manifest.js';
export { hubOptionsFrom } from './weights/hub-options.js';
export { BundleError, type ModelBundle, readBundle } from './weights/model-bundle.js';
export { type HubOptions, type ModelHub, openModelHub } from './weights/model-hub.js';
