import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@freestyle/core';
import { type DatasetVersion, namedVersions, readDatasetFolder } from '@freestyle/core/datasets';
import { squash } from '@freestyle/core/image';
import { BACKBONE_LICENCE, backboneFolder, openBackbone, writeSmallWeights } from '@freestyle/core/models';
import {
  openQueryCache,
  type PlannedQuery,
  planQueries,
  type StyledPicture,
  type TrainedStyle,
  trainStyle,
} from '@freestyle/core/training';
import { writeBundle } from '@freestyle/core/weights';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { readVersions } from '../dataset-versions.js';
import { openVgg } from '../open-vgg.js';
import { wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';

interface TrainStyleFlags {
  readonly vgg: string;
  readonly out: string;
  readonly backbone: string;
  readonly cache: string;
  readonly split: string;
  readonly k: number;
  readonly perKind: number;
  readonly perPhoto: number;
  readonly steps: number;
  readonly seed: number;
  readonly threads?: number;
}

/** `train-style <folders…>`: the compact style network and the style space that the query encoders read. */
export const registerTrainStyle: RegisterCommand = (program, context) => {
  program
    .command('train-style')
    .description("Train the compact style network on VGG's Gram features, and cluster a style space in it.")
    .argument('<folders...>', 'dataset folders')
    .requiredOption(
      '--vgg <place>',
      'VGG-19, at least down to conv2_2: a weight file (safetensors or .pth), a folder or a name on the hub',
    )
    .requiredOption('--out <folder>', 'bundle to write')
    .option(
      '--backbone <folder>',
      'bundle of a backbone, whose size of pictures it reads; the style space itself fits every backbone',
      backboneFolder,
    )
    .option('--cache <folder>', 'query pictures, shared with `train`', '.freestyle/queries')
    .option('--split <name>', 'split to learn from', 'train')
    .option('--k <n>', 'clusters', wholeNumber(1), 4)
    .option('--per-kind <n>', 'pictures of each style, drawn or made, at most', wholeNumber(1), 900)
    .option(
      '--per-photo <n>',
      'made query pictures of each style and photo, as for `train`',
      wholeNumber(0),
      1,
    )
    .option('--steps <n>', 'training steps', wholeNumber(1), 1500)
    .option('--seed <n>', 'seed', wholeNumber(0), 3)
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1))
    .action((folders: string[], flags: TrainStyleFlags) => run(folders, flags, context));
};

async function run(folders: readonly string[], flags: TrainStyleFlags, context: CliContext): Promise<void> {
  const backbone = await openBackbone(flags.backbone);
  const versions = await readVersions(folders, context);
  const vgg = await openVgg(flags.vgg, context);
  const progress = progressLine(context, 'done');
  const { size } = backbone.image;
  const pictures = await drawPictures(folders, flags, size, progress.update);
  const session = flags.threads === undefined ? {} : { threads: flags.threads };
  const trained = await trainStyle({
    pictures,
    size,
    vgg,
    clusters: flags.k,
    steps: flags.steps,
    seed: flags.seed,
    session,
    signal: context.signal,
    onProgress: progress.update,
  });
  const bundle = await write(flags, backbone.name, trained, size, versions);
  context.print(describe(trained));
  context.print(`${bundle.manifest.name} ${bundle.hash} in ${bundle.folder}`);
}

/** As many pictures of each kind (a style, drawn by people or made) as asked for, from the cache of query pictures. */
async function drawPictures(
  folders: readonly string[],
  flags: TrainStyleFlags,
  size: number,
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<StyledPicture[]> {
  const datasets = await Promise.all(folders.map((dir) => readDatasetFolder(dir, { split: flags.split })));
  const plan = planQueries(datasets, {
    make: ['sketch', 'art', 'lowres'],
    perPhoto: flags.perPhoto,
    plain: true,
  });
  const cache = await openQueryCache(join(flags.cache, 'train'), plan.queries, flags.seed);
  const kindOf = ({ style, maker }: PlannedQuery) => `${style}${maker === null ? '' : ' made'}`;
  const most = flags.perKind * new Set(plan.queries.map(kindOf)).size;
  const left = new Map<string, number>();
  const drawn: StyledPicture[] = [];
  const order = createRandom(`${flags.seed}:draw`).shuffle(plan.queries.map((_, index) => index));
  for (const index of order) {
    const query = plan.queries[index];
    if (!query) continue;
    const kind = kindOf(query);
    const room = left.get(kind) ?? flags.perKind;
    if (room === 0) continue;
    left.set(kind, room - 1);
    drawn.push({ picture: squash(await cache.picture(index), size), style: query.style });
    onProgress('query pictures', drawn.length, most);
  }
  await cache.close();
  return drawn;
}

async function write(
  flags: TrainStyleFlags,
  backbone: string,
  trained: TrainedStyle,
  size: number,
  versions: readonly DatasetVersion[],
) {
  await mkdir(flags.out, { recursive: true });
  await writeSmallWeights(join(flags.out, 'weights.safetensors'), trained.weights, () => true);
  return writeBundle(
    flags.out,
    {
      name: `${backbone}/style`,
      modelType: 'freestyle-style',
      // Its network reads pixels alone: it says as much about the queries of any other backbone.
      backbone: null,
      dimensions: trained.weights.get('style.centres')?.shape[1] ?? 0,
      config: { clusters: [...trained.names], knownCosine: trained.knownCosine },
      preprocessing: { size, resize: 'squash', range: [-1, 1] },
      tokenizer: null,
      licence: BACKBONE_LICENCE,
      training: { ...namedVersions(versions), seed: flags.seed, steps: flags.steps, perKind: flags.perKind },
      evaluation: {
        cosine: trained.report.cosine,
        againstTeacher: { ...trained.report.againstTeacher },
        againstStyles: { ...trained.report.againstStyles },
      },
    },
    ['weights.safetensors'],
  );
}

function describe({ names, knownCosine, report }: TrainedStyle): string {
  const share = (value: number) => value.toFixed(3);
  return [
    `clusters: ${names.join(', ')}; outside every style below a cosine of ${share(knownCosine)}`,
    `held-out pictures: cosine to the teacher's features ${share(report.cosine)}`,
    `clusters against the teacher's: purity ${share(report.againstTeacher.purity)}, NMI ${share(report.againstTeacher.nmi)}`,
    `clusters against the real styles: purity ${share(report.againstStyles.purity)}, NMI ${share(report.againstStyles.nmi)}`,
  ].join('\n');
}
