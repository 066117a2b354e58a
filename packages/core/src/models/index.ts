export { createDualEncoder } from './dual-encoder.js';
export type { EmbeddingModel } from './embedding-model.js';
export { importEye } from './eye/import-eye.js';
export { DEFAULT_MODEL, type LoadModelOptions, loadModel, openBackbone } from './load-model.js';
export { SymmetricTowerError } from './model-error.js';
export { isBackbone, isOwnQueryTower } from './open-bundle-backbone.js';
export { BACKBONE_LICENCE, writeSmallWeights } from './small/export-small.js';
export {
  backboneFolder,
  readBackbone,
  readStyle,
  type StyleBundle,
  styleFolder,
} from './small/open-backbone.js';
export type { FrozenBackbone, TunableImageTower } from './tunable-tower.js';
export { loadVgg } from './vgg/load-vgg.js';
