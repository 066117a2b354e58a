export { pixelModel, pixelSet } from '../evaluation/fixtures/pixel-model.js';
export { writeTinyClip, writeTinySiglip } from '../models/fixtures/tiny-pretrained.js';
export { stripes } from '../models/small/fixtures/tiny-small.js';
export { writeTinyBackbone } from '../training/recipes/base/fixtures/tiny-backbone.js';
