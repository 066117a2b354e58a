export { tremble } from './filters/tremble.js';
export { mosaic } from './lowres.js';
export { styleMakers } from './style-makers.js';
