export {
  assignPictures,
  type CuratedCluster,
  type CuratedStyles,
  nearestCentre,
  rowsOf,
  styleWeights,
} from './curated-styles.js';
export { editStyles, type StyleEdit } from './edit-styles.js';
export { dot, type FeatureMatrix, featureMatrix, featureRow } from './feature-matrix.js';
export { CLUSTER_COLOURS, clusterColour, fitCurated } from './fit-curated.js';
export { type ClusterCountEvidence, scoreClusterCounts } from './score-counts.js';
export { nameClusters, type StyleAgreement, styleAgreement } from './style-agreement.js';
export { writeStyleBundle } from './style-bundle.js';
export { openStyleExtractor, readBundledStyle, type StyleExtractor } from './style-extractor.js';
export { extractFeatures, sampleStyles } from './style-sample.js';
export {
  calibrateOutside,
  DEFAULT_TEMPERATURE,
  FEATURE_TRANSFORMS,
  type FeatureTransform,
  fitStyleSpace,
  projectStyle,
  reduceStyle,
  type StyleSpace,
} from './style-space.js';
export { StyleSpaceError } from './style-space-error.js';
export { writeStyleSpace } from './style-space-file.js';
export { createStyleTeacher } from './style-teacher.js';
export { suggestClusterCount } from './suggest-clusters.js';
