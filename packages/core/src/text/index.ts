export { parseTokenizerJson } from './load-tokenizer.js';
