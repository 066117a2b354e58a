import { readFile } from 'node:fs/promises';
import { namedVersions, readDatasetFolder } from '@freestyle/core/datasets';
import { readBackbone } from '@freestyle/core/models';
import { parseTokenizerJson } from '@freestyle/core/text';
import { baseCorpus, type InitialBackbone, trainBase } from '@freestyle/core/training';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { CliError } from '../cli-error.js';
import { readVersions } from '../dataset-versions.js';
import { wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';

interface TrainBaseFlags {
  readonly teacher: string;
  readonly out: string;
  readonly work: string;
  readonly split: string;
  readonly name: string;
  readonly from?: string;
  readonly seed: number;
  readonly views: number;
  readonly textSteps: number;
  readonly halfSteps: number;
  readonly wholeSteps: number;
  readonly tuneSteps: number;
  readonly threads?: number;
}

/** `train-base <folders…>`: the backbone from nothing, with a teacher. */
export const registerTrainBase: RegisterCommand = (program, context) => {
  program
    .command('train-base')
    .description(
      'Train the small dual encoder from nothing on photos and captions, with a teacher for the eye.',
    )
    .argument('<folders...>', 'dataset folders; at least one with captions')
    .requiredOption(
      '--teacher <file>',
      'ONNX model: pixels [n,3,224,224] = (RGB − 128) / 128 → features [n,1280]',
    )
    .requiredOption('--out <folder>', 'bundle to write')
    .option(
      '--work <folder>',
      'views and finished stages; a killed run goes on from there',
      '.freestyle/train-base',
    )
    .option('--split <name>', 'split to learn from', 'train')
    .option('--name <name>', 'name of the bundle', 'freestyle-small')
    .option('--from <bundle>', 'go on from this backbone instead of from nothing')
    .option('--seed <n>', 'seed', wholeNumber(0), 7)
    .option('--views <n>', 'views of each photo', wholeNumber(1), 8)
    .option('--text-steps <n>', 'steps of the text stage', wholeNumber(1), 700)
    .option('--half-steps <n>', 'image steps that see half of the patches', wholeNumber(0), 2000)
    .option('--whole-steps <n>', 'image steps that see all of them', wholeNumber(0), 800)
    .option('--tune-steps <n>', 'steps of the last text stage', wholeNumber(0), 400)
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1))
    .action((folders: string[], flags: TrainBaseFlags) => run(folders, flags, context));
};

async function run(folders: readonly string[], flags: TrainBaseFlags, context: CliContext): Promise<void> {
  const datasets = await Promise.all(folders.map((dir) => readDatasetFolder(dir, { split: flags.split })));
  const versions = await readVersions(folders, context);
  const corpus = baseCorpus(datasets, flags.views);
  if (!corpus.captions.some((texts) => texts.length > 0)) {
    throw new CliError(`no photo of ${folders.join(', ')} has a caption; the text tower needs some`);
  }
  const teacher = await readFile(flags.teacher).catch((cause: unknown) => {
    throw new CliError(`--teacher ${flags.teacher}: ${cause instanceof Error ? cause.message : cause}`);
  });
  const from = flags.from === undefined ? undefined : await readInitialBackbone(flags.from);
  const progress = progressLine(context, 'steps');
  const bundle = await trainBase({
    corpus,
    teacher: new Uint8Array(teacher),
    work: flags.work,
    out: flags.out,
    name: flags.name,
    seed: flags.seed,
    textSteps: flags.textSteps,
    imageSteps: [flags.halfSteps, flags.wholeSteps],
    tuneSteps: flags.tuneSteps,
    ...(from ? { from: from.backbone } : {}),
    session: flags.threads === undefined ? {} : { threads: flags.threads },
    training: {
      data: datasets.map((dataset) => `${dataset.name}/${flags.split}`).join(', '),
      ...(from ? { from: from.hash.slice(0, 12) } : {}),
      ...namedVersions(versions),
      views: flags.views,
      textSteps: flags.textSteps,
      halfSteps: flags.halfSteps,
      wholeSteps: flags.wholeSteps,
      tuneSteps: flags.tuneSteps,
    },
    signal: context.signal,
    onProgress: (stage, done, total, detail) => progress.update(stage, done, total, detail),
  });
  context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
}

async function readInitialBackbone(
  folder: string,
): Promise<{ readonly hash: string; readonly backbone: InitialBackbone }> {
  const { bundle, config, weights } = await readBackbone(folder);
  const path = bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json');
  const tokenizer = parseTokenizerJson(JSON.parse(await readFile(path, 'utf8')), path);
  return { hash: bundle.hash, backbone: { config, tokenizer, weights } };
}
