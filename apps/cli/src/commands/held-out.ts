import { readDatasetFolder } from '@freestyle/core/datasets';
import { writeHeldOutFolder } from '@freestyle/core/evaluation';
import type { RegisterCommand } from '../cli-context.js';
import { wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';

interface HeldOutFlags {
  readonly out: string;
  readonly split?: string;
  readonly photos?: number;
  readonly seed: number;
}

/** `held-out <dataset folder>`: an evaluation folder by makers that no training sees. */
export const registerHeldOut: RegisterCommand = (program, context) => {
  program
    .command('held-out')
    .description(
      'Make a dataset folder to judge models by: of each photo a painting, a sketch and a poor copy by makers that no training sees.',
    )
    .argument('<folder>', 'dataset folder (with a manifest.jsonl), or a folder of photos')
    .requiredOption('--out <folder>', 'folder to write; one that was left half-way goes on')
    .option('--split <name>', 'only the photos of this split')
    .option('--photos <n>', 'photos at most, spread evenly over the folder', wholeNumber(1))
    .option('--seed <n>', 'chooses the maker and its strength for each photo', wholeNumber(0), 0)
    .action(async (folder: string, { out, split, photos, seed }: HeldOutFlags) => {
      const dataset = await readDatasetFolder(folder, split === undefined ? {} : { split });
      const progress = progressLine(context, 'drawn');
      const { pictures, drawn } = await writeHeldOutFolder(dataset, out, {
        seed,
        photos,
        signal: context.signal,
        onProgress: (done, total) => progress.update('pictures', done, total),
      });
      context.print(`${pictures} pictures in ${out}, ${drawn} of them drawn now.`);
    });
};
