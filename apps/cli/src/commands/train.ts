import { readDatasetFolder } from '@freestyle/core/datasets';
import { MAX_TOKENS, type Tuning, tuningSchema } from '@freestyle/core/freestyle';
import { openBackbone, readStyle } from '@freestyle/core/models';
import {
  buildQueryTower,
  defaultRates,
  PROMPT_KEEP,
  QUERY_LOSSES,
  type QueryLoss,
  readInitialWeights,
} from '@freestyle/core/training';
import { hubOptionsFrom, openModelHub } from '@freestyle/core/weights';
import { type Command, Option } from 'commander';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { CliError, EXIT_NO_BETTER } from '../cli-error.js';
import { readVersions } from '../dataset-versions.js';
import { nonNegativeNumber, positiveNumber, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';
import { tellTraining } from '../tell-training.js';

interface TrainFlags {
  readonly backbone: string;
  readonly style?: string;
  readonly from?: string;
  readonly fromBackbone?: string;
  readonly method: Tuning['method'];
  readonly out: string;
  readonly work?: string;
  readonly cache: string;
  readonly name?: string;
  readonly tokens: number;
  readonly shallow: number;
  readonly rank: number;
  readonly styleSpace: boolean;
  readonly gram: boolean;
  readonly deepPrompts: boolean;
  readonly stem: boolean;
  readonly layerNorms: boolean;
  readonly whole: boolean;
  readonly textPrompts: boolean;
  readonly gate?: boolean;
  readonly centred?: boolean;
  readonly symmetric: boolean;
  readonly loss: QueryLoss;
  readonly keep?: number;
  readonly trainSplit: string;
  readonly valSplit: string;
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly patience: number;
  readonly perPhoto: number;
  readonly valQueries?: number;
  readonly threads?: number;
}

const METHODS: readonly Tuning['method'][] = ['freestyle', 'vpt', 'lora', 'full', 'linear'];

function addFlags(command: Command): Command {
  return command
    .requiredOption('--out <folder>', 'bundle to write')
    .option(
      '--backbone <name>',
      'frozen model that is tuned: freestyle-small, the folder of a bundle, or clip:, blip: or albef:<folder or owner/name>',
      'freestyle-small/backbone',
    )
    .option('--style <folder>', 'bundle of the style space; the one that comes with the product when absent')
    .option(
      '--from <folder>',
      'bundle of a query tower of the same method to go on from; with --whole also of the method full',
    )
    .option(
      '--from-backbone <name>',
      'backbone that the tower of --from was trained beside, where --backbone was trained further since',
    )
    .option('--work <folder>', 'checkpoint and metrics; a killed run goes on from there')
    .option('--cache <folder>', 'query pictures, shared by runs on the same data', '.freestyle/queries')
    .option('--name <name>', 'name of the bundle')
    .option('--tokens <n>', 'prompt tokens in each layer', wholeNumber(1, MAX_TOKENS), 4)
    .option('--shallow <n>', 'layers whose prompts come from the style space', wholeNumber(0), 3)
    .option('--rank <n>', 'rank of LoRA', wholeNumber(1), 8)
    .option('--no-style-space', 'static prompts in the shallow layers')
    .option('--no-gram', 'static prompts in the deep layers')
    .option('--no-deep-prompts', 'prompts in the shallow layers only')
    .option('--stem', "the stem's channels follow the style too", false)
    .option('--layer-norms', 'layer normalisations learn too', false)
    .option('--whole', "the tower's own weights learn too, beside the prompts", false)
    .option('--text-prompts', 'static prompts in the text tower too, learnt from captions', false)
    .option('--gate', 'prompts come in through a gate that starts closed (the default of style prompts)')
    .option('--no-gate', 'prompts in one softmax with the patches, as in the paper (the default of vpt)')
    .option(
      '--centred',
      'what is common to the queries of a style is taken off each of them (the default of style prompts)',
    )
    .option('--no-centred', 'the vectors of queries as they are')
    .option(
      '--symmetric',
      "the paper's mode, for comparison: the gallery goes through the tuned tower too, so the bundle cannot serve",
      false,
    )
    .addOption(
      new Option('--loss <name>', 'triplet takes the hardest negative of the gallery')
        .choices(QUERY_LOSSES)
        .default('infonce'),
    )
    .option(
      '--keep <weight>',
      `weight of staying near the untrained tower on photos and paintings; ${PROMPT_KEEP} for gated style prompts on a frozen tower, else 0`,
      nonNegativeNumber,
    )
    .option('--train-split <name>', 'split to learn from', 'train')
    .option('--val-split <name>', 'split that picks the epoch', 'val')
    .option('--seed <n>', 'seed', wholeNumber(0), 3)
    .option('--epochs <n>', 'validations at most', wholeNumber(1), 6)
    .option('--steps <n>', 'steps between two validations', wholeNumber(1), 250)
    .option('--batch <n>', 'query pictures in a step', wholeNumber(1), 64)
    .option('--rate <x>', 'peak learning rate; by method when absent', positiveNumber)
    .option('--patience <n>', 'validations without progress before the run stops', wholeNumber(1), 3)
    .option('--per-photo <n>', 'made query pictures of each style and photo', wholeNumber(0), 1)
    .option(
      '--val-queries <n>',
      'validation queries of each style and dataset at most; all when absent',
      wholeNumber(1),
    )
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1));
}

/** `train <folders…>`: a query tower beside the frozen backbone, by any method. */
export const registerTrain: RegisterCommand = (program, context) => {
  addFlags(
    program
      .command('train')
      .description(
        'Train a query encoder against the frozen gallery: style prompts, VPT, LoRA, full or linear.',
      )
      .argument('<folders...>', 'dataset folders with a training and a validation split')
      .addOption(new Option('--method <name>', 'how to tune').choices(METHODS).default('freestyle')),
  ).action((folders: string[], flags: TrainFlags) => run(folders, flags, context));
};

/** `train-query <folders…>`: the first query tower, a copy of the image tower that learns whole. */
export const registerTrainQuery: RegisterCommand = (program, context) => {
  addFlags(
    program
      .command('train-query')
      .description('Fine-tune a copy of the image tower on query styles: `train --method full`.')
      .argument('<folders...>', 'dataset folders with a training and a validation split'),
  ).action((folders: string[], flags: TrainFlags) => run(folders, { ...flags, method: 'full' }, context));
};

async function run(folders: readonly string[], flags: TrainFlags, context: CliContext): Promise<void> {
  const tuning = tuningSchema.parse({
    method: flags.method,
    tokens: flags.tokens,
    shallowLayers: flags.shallow,
    styleSpace: flags.styleSpace,
    gram: flags.gram,
    deepPrompts: flags.deepPrompts,
    stem: flags.stem,
    layerNorms: flags.layerNorms,
    ...((flags.gate ?? flags.method === 'freestyle') ? { gated: true } : {}),
    ...((flags.centred ?? flags.method === 'freestyle') ? { centred: true } : {}),
    ...(flags.symmetric ? { symmetric: true } : {}),
    ...(flags.whole ? { whole: true } : {}),
    // Off it is left out, so that bundles and checkpoints of earlier runs stay comparable.
    ...(flags.textPrompts ? { textPrompts: true } : {}),
    rank: flags.rank,
  });
  if (flags.symmetric && flags.textPrompts)
    throw new CliError('--symmetric tunes the towers of pictures only; leave --text-prompts out.');
  const keep =
    flags.keep ?? (tuning.method === 'freestyle' && tuning.gated && !tuning.whole ? PROMPT_KEEP : 0);
  if (flags.whole && flags.method !== 'freestyle' && flags.method !== 'vpt')
    throw new CliError(
      '--whole stands beside prompts; take --method freestyle or vpt, or full without prompts.',
    );
  const [train, validation] = await Promise.all(
    [flags.trainSplit, flags.valSplit].map((split) =>
      Promise.all(folders.map((dir) => readDatasetFolder(dir, { split }))),
    ),
  );
  const versions = await readVersions(folders, context);
  const { backbone, earlier } = await openBackbones(flags, context);
  const style = await readStyle(flags.style, backbone);
  const initial =
    flags.from === undefined ? undefined : await readInitialWeights(flags.from, backbone, tuning, earlier);
  const progress = progressLine(context, 'done');
  const { bundle, result } = await buildQueryTower({
    base: backbone,
    style,
    tuning,
    ...(initial === undefined ? {} : { initial }),
    train: train ?? [],
    validation: validation ?? [],
    trainSplit: flags.trainSplit,
    versions,
    name: flags.name ?? `${backbone.name}/${tuning.method}`,
    out: flags.out,
    ...(flags.work === undefined ? {} : { work: flags.work }),
    cache: flags.cache,
    seed: flags.seed,
    epochs: flags.epochs,
    stepsPerEpoch: flags.steps,
    batch: flags.batch,
    peakRate: flags.rate ?? defaultRates[tuning.method],
    patience: flags.patience,
    ...(flags.loss === 'infonce' ? {} : { loss: flags.loss }),
    ...(keep > 0 ? { keep } : {}),
    perPhoto: flags.perPhoto,
    ...(flags.valQueries === undefined ? {} : { validationPerStyle: flags.valQueries }),
    session: flags.threads === undefined ? {} : { threads: flags.threads },
    signal: context.signal,
    onProgress: progress.update,
    ...tellTraining(context, progress),
  });
  if (bundle === null) {
    throw new CliError(
      `no validation was better than before the first step (${(100 * result.fit.best.score).toFixed(1)}), so no bundle was written; ` +
        'train longer, with another --rate, or on other data.',
      undefined,
      EXIT_NO_BETTER,
    );
  }
  context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
}

/** The backbone to tune, and the one that the tower of `--from` was trained beside: the same unless it is named. */
async function openBackbones(flags: TrainFlags, context: CliContext) {
  const hub = openModelHub(hubOptionsFrom(context.env));
  try {
    const backbone = await openBackbone(flags.backbone, hub);
    const earlier = flags.fromBackbone === undefined ? backbone : await openBackbone(flags.fromBackbone, hub);
    return { backbone, earlier };
  } finally {
    await hub.close();
  }
}
