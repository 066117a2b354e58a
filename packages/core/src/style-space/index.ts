export { featureMatrix } from './feature-matrix.js';
export { nameClusters, type StyleAgreement, styleAgreement } from './style-agreement.js';
export { extractFeatures, sampleStyles } from './style-sample.js';
export {
  calibrateOutside,
  FEATURE_TRANSFORMS,
  type FeatureTransform,
  fitStyleSpace,
  reduceStyle,
  type StyleSpace,
} from './style-space.js';
export { writeStyleSpace } from './style-space-file.js';
export { createStyleTeacher } from './style-teacher.js';
export { suggestClusterCount } from './suggest-clusters.js';
