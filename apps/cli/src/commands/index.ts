import type { RegisterCommand } from '../cli-context.js';
import { registerAblate } from './ablate.js';
import { registerCompare } from './compare.js';
import { registerEval } from './eval.js';
import { registerHeldOut } from './held-out.js';
import { registerImportWeights } from './import-weights.js';
import { registerMap } from './map.js';
import { registerStyleSpace } from './style-space.js';
import { registerStyles } from './styles.js';
import { registerTrain, registerTrainQuery } from './train.js';
import { registerTrainBase } from './train-base.js';
import { registerTrainEyeBase, registerTrainEyeQuery } from './train-eye.js';
import { registerTrainStyle } from './train-style.js';

/** Every command of the command line, in the order in which `--help` lists them. To add one: one file and one line here. */
export const commands: readonly RegisterCommand[] = [
  registerEval,
  registerCompare,
  registerStyleSpace,
  registerMap,
  registerHeldOut,
  registerStyles,
  registerImportWeights,
  registerTrainBase,
  registerTrainEyeBase,
  registerTrainEyeQuery,
  registerTrainStyle,
  registerTrainQuery,
  registerTrain,
  registerAblate,
];
