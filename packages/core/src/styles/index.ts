export { tremble } from './filters/tremble.js';
export { type HeldOutMaker, heldOutMakers, heldOutNames } from './held-out/held-out-makers.js';
export { isHeldOut } from './held-out/held-out-names.js';
export { mosaic } from './lowres.js';
export {
  createDrawPool,
  type DrawPool,
  DrawPoolError,
  type DrawPoolOptions,
} from './randomised/draw-pool.js';
export {
  type DrawnKind,
  type DrawnQuery,
  type DrawnShares,
  type DrawTask,
  drawOf,
  drawQuery,
  drawTask,
  USUAL_SHARES,
} from './randomised/draw-query.js';
export { warpQuery } from './randomised/warp-query.js';
export { styleMakers } from './style-makers.js';
