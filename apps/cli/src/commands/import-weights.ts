import { importEye } from '@freestyle/core/models';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { wholeNumber } from '../options.js';

interface ImportWeightsFlags {
  readonly trunk: string;
  readonly text: string;
  readonly out: string;
  readonly name: string;
  readonly seed: number;
}

/** `import-weights`: pretrained parts into a bundle that `train-base` goes on from. */
export const registerImportWeights: RegisterCommand = (program, context) => {
  program
    .command('import-weights')
    .description(
      'Put a pretrained image trunk and sentence encoder into a bundle, with fresh heads for train-base.',
    )
    .requiredOption('--trunk <file>', 'EfficientNet-Lite, as PyTorch saves it (.pth)')
    .requiredOption('--text <folder>', 'sentence encoder: config.json, model.safetensors, tokenizer.json')
    .requiredOption('--out <folder>', 'bundle to write')
    .option('--name <name>', 'name of the bundle', 'freestyle-eye')
    .option('--seed <n>', 'seed of the heads', wholeNumber(0), 7)
    .action((flags: ImportWeightsFlags) => run(flags, context));
};

async function run(flags: ImportWeightsFlags, context: CliContext): Promise<void> {
  const bundle = await importEye(flags);
  context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
}
