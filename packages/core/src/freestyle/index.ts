export { MAX_TOKENS, type Tuning, tuningSchema } from './tuning.js';
