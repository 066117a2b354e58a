import { readDatasetFolder } from '@freestyle/core/datasets';
import { tuningSchema } from '@freestyle/core/freestyle';
import { openBackbone } from '@freestyle/core/models';
import { type FitEvent, openEyeData, trainEyeBase, trainEyeQuery } from '@freestyle/core/training';
import { readBundle } from '@freestyle/core/weights';
import type { Command } from 'commander';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { readVersions } from '../dataset-versions.js';
import { positiveNumber, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';

interface EyeFlags {
  readonly bundle: string;
  readonly out: string;
  readonly work: string;
  readonly split: string;
  readonly name: string;
  readonly seed: number;
  readonly draws: number;
  readonly steps: number;
  readonly rate: number;
  readonly threads?: number;
}

interface EyeBaseFlags extends EyeFlags {
  readonly from?: string;
  readonly pooledSteps: number;
  readonly captioned: number;
  readonly versions: number;
}

interface EyeQueryFlags extends EyeFlags {
  readonly backbone: string;
  readonly styleOut?: string;
  readonly styleSteps: number;
  readonly until?: number;
  readonly drawn: number;
  readonly human: number;
}

const shared = (command: Command, name: string, steps: number, rate: number): Command =>
  command
    .argument('<folders...>', 'dataset folders')
    .requiredOption('--bundle <folder>', 'what import-weights wrote')
    .requiredOption('--out <folder>', 'bundle to write')
    .option('--work <folder>', 'pictures, features and checkpoints; a killed run goes on', '.freestyle/eye')
    .option('--split <name>', 'split to learn from', 'train')
    .option('--name <name>', 'name of the bundle', name)
    .option('--seed <n>', 'seed', wholeNumber(0), 7)
    .option('--draws <n>', 'query pictures drawn from the photos', wholeNumber(1), 9000)
    .option('--steps <n>', 'training steps', wholeNumber(0), steps)
    .option('--rate <n>', 'learning rate at its peak', positiveNumber, rate)
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1));

/** `train-eye-base <folders…>`: heads and text projection on an imported trunk and sentence encoder. */
export const registerTrainEyeBase: RegisterCommand = (program, context) => {
  const command = program
    .command('train-eye-base')
    .description(
      'Train the backbone on pretrained parts: captions find photos, changed versions their photo.',
    );
  shared(command, 'freestyle-small', 200, 1.2e-3)
    .option('--from <folder>', 'backbone whose heads are gone on from')
    .option(
      '--pooled-steps <n>',
      'steps on pooled features before those with the transformer',
      wholeNumber(0),
      500,
    )
    .option('--captioned <n>', 'photos with a caption in a step', wholeNumber(1), 256)
    .option('--versions <n>', 'photos with a changed version in a step', wholeNumber(1), 80)
    .action((folders: string[], flags: EyeBaseFlags) => runBase(folders, flags, context));
};

/** `train-eye-query <folders…>`: style space and style-prompted query tower on a backbone of `train-eye-base`. */
export const registerTrainEyeQuery: RegisterCommand = (program, context) => {
  const command = program
    .command('train-eye-query')
    .description('Train style space and query tower on a backbone of train-eye-base.');
  shared(command, 'freestyle-small', 300, 2e-3)
    .requiredOption('--backbone <folder>', 'what train-eye-base wrote')
    .option('--style-out <folder>', 'bundle of the style space to write beside it')
    .option('--style-steps <n>', 'steps of the style space', wholeNumber(1), 600)
    .option('--until <n>', 'end after this step of them', wholeNumber(1))
    .option('--drawn <n>', 'drawn pictures in a step', wholeNumber(1), 64)
    .option('--human <n>', 'drawings by people in a step', wholeNumber(1), 64)
    .action((folders: string[], flags: EyeQueryFlags) => runQuery(folders, flags, context));
};

async function prepare(folders: readonly string[], flags: EyeFlags, context: CliContext) {
  const progress = progressLine(context, 'done');
  const datasets = await Promise.all(folders.map((dir) => readDatasetFolder(dir, { split: flags.split })));
  const versions = await readVersions(folders, context);
  const common = {
    bundle: await readBundle(flags.bundle),
    datasets,
    seed: flags.seed,
    session: flags.threads === undefined ? {} : { threads: flags.threads },
    onProgress: progress.update,
    onEvent: (event: FitEvent) => {
      if (event.kind === 'step')
        progress.update('training', event.step, event.total, `loss ${event.loss.toFixed(3)}`);
    },
  };
  const data = await openEyeData({ ...common, cache: `${flags.work}/data`, draws: flags.draws });
  const training = {
    data: datasets.map((dataset) => `${dataset.name}/${flags.split}`).join(', '),
    datasets: versions.map(({ name, hash }) => ({ name, hash })),
    draws: flags.draws,
  };
  return { common, data, training };
}

async function runBase(folders: readonly string[], flags: EyeBaseFlags, context: CliContext): Promise<void> {
  const { common, data, training } = await prepare(folders, flags, context);
  try {
    const { captioned, versions, from, ...others } = flags;
    const bundle = await trainEyeBase({
      ...common,
      ...others,
      ...(from === undefined ? {} : { from: await openBackbone(from) }),
      bundle: common.bundle,
      data,
      training,
      batch: { captioned, versions },
    });
    context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
  } finally {
    await data.close();
  }
}

async function runQuery(
  folders: readonly string[],
  flags: EyeQueryFlags,
  context: CliContext,
): Promise<void> {
  const { common, data, training } = await prepare(folders, flags, context);
  try {
    const bundle = await trainEyeQuery({
      ...common,
      ...flags,
      bundle: common.bundle,
      backbone: await openBackbone(flags.backbone),
      data,
      training,
      tuning: tuningSchema.parse({
        method: 'freestyle',
        gated: true,
        whole: true,
        keepTrunk: true,
        lateTrunk: true,
        appearance: true,
      }),
      batch: { drawn: flags.drawn, human: flags.human },
    });
    context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
  } finally {
    await data.close();
  }
}
