export { atomicWrite } from './atomic-write.js';
export { hashContent } from './hash-file.js';
export { hubOptionsFrom } from './hub-options.js';
export { type ModelBundle, readBundle, writeBundle } from './model-bundle.js';
export { openModelHub } from './model-hub.js';
export { writeSafetensors } from './write-safetensors.js';
