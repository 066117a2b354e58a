import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDatasetFolder } from '@freestyle/core/datasets';
import {
  createEncodingMemory,
  datasetEvaluationSet,
  type EncodingMemory,
  type EvaluationSet,
  evaluateRemembered,
  type GridRun,
  gridCsv,
  gridLatex,
  gridMarkdown,
  gridPlot,
  limitQueries,
  parseReportJson,
  reportGrid,
  reportToJson,
  withClassWords,
  withUnseenMakers,
} from '@freestyle/core/evaluation';
import {
  createDualEncoder,
  type FrozenBackbone,
  openBackbone,
  readStyle,
  type StyleBundle,
} from '@freestyle/core/models';
import { buildQueryTower, defaultRates, refitStyle } from '@freestyle/core/training';
import { hubOptionsFrom, type ModelBundle, openModelHub, readBundle } from '@freestyle/core/weights';
import { InvalidArgumentError } from 'commander';
import {
  type AblationData,
  bundleFolder,
  contentOf,
  hasReport,
  reportPath,
  requireSameSettings,
} from '../ablation-folder.js';
import {
  ABLATION_RUNS,
  type AblateFlags,
  type AblationRun,
  runFolder,
  STATIC_PROMPTS,
  ZERO_SHOT,
} from '../ablation-grid.js';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { CliError } from '../cli-error.js';
import { readVersions } from '../dataset-versions.js';
import { keepSetOnDisk } from '../kept-evaluation-set.js';
import { nameList, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';
import { tellTraining } from '../tell-training.js';
import { writeOutput } from '../write-output.js';

/** `ablate <folders…>`: trains the whole grid in one harness and writes the table, with intervals and tests. */
export const registerAblate: RegisterCommand = (program, context) => {
  program
    .command('ablate')
    .description(
      'Train and evaluate the grid of methods and ablations; write Markdown, CSV, LaTeX and a plot.',
    )
    .argument('<folders...>', 'dataset folders with a training and a validation split')
    .requiredOption('--out <folder>', 'bundles, reports and tables; runs that are there are not run again')
    .option(
      '--backbone <name>',
      'frozen model that is tuned: freestyle-small, the folder of a bundle, or clip:, blip: or albef:<folder or owner/name>',
      'freestyle-small/backbone',
    )
    .option('--style <folder>', 'bundle of the style space; the one that comes with the product when absent')
    .option(
      '--style-k <list>',
      'style spaces of other K, e.g. 2=FOLDER,8=FOLDER; where absent, K clusters are fitted to the training pictures',
      styleFolders,
      new Map(),
    )
    .option('--cache <folder>', 'query pictures, shared by runs on the same data', '.freestyle/queries')
    .option(
      '--only <names>',
      `only these runs, of: ${ABLATION_RUNS.map(({ name }) => runFolder(name)).join(', ')}`,
      nameList,
    )
    .option('--train-split <name>', 'split to learn from', 'train')
    .option('--val-split <name>', 'split that picks the epoch and is reported', 'val')
    .option('--seed <n>', 'seed of the pictures, and of the first training of each run', wholeNumber(0), 3)
    .option('--seeds <n>', 'trainings of each run, with seeds one after another', wholeNumber(1), 1)
    .option('--epochs <n>', 'validations at most', wholeNumber(1), 6)
    .option('--steps <n>', 'steps between two validations', wholeNumber(1), 250)
    .option('--batch <n>', 'query pictures in a step', wholeNumber(1), 64)
    .option('--patience <n>', 'validations without progress before a run stops', wholeNumber(1), 3)
    .option('--per-photo <n>', 'made query pictures of each style and photo', wholeNumber(0), 1)
    .option(
      '--val-queries <n>',
      'validation queries of each style and dataset at most, against the full gallery all the same',
      wholeNumber(1),
    )
    .option('--threads <n>', 'threads of the execution provider', wholeNumber(1))
    .action((folders: string[], flags: AblateFlags) => ablate(folders, flags, context));
};

async function ablate(folders: readonly string[], flags: AblateFlags, context: CliContext): Promise<void> {
  const read = (split: string) => Promise.all(folders.map((dir) => readDatasetFolder(dir, { split })));
  const [train, validation] = [await read(flags.trainSplit), await read(flags.valSplit)];
  const twin = validation.find(({ name }, i) => validation.some((other, j) => j < i && other.name === name));
  if (twin !== undefined)
    throw new CliError(`Two dataset folders are called ${twin.name}; their reports would share a file.`);
  const hub = openModelHub(hubOptionsFrom(context.env));
  const base = await openBackbone(flags.backbone, hub).finally(() => hub.close());
  const runs = chooseRuns(flags, base);
  const versions = await readVersions(folders, context);
  const sets = await Promise.all(
    validation.map(async (dataset, i) => {
      const brought = datasetEvaluationSet(dataset, {
        split: flags.valSplit,
        make: ['lowres', 'sketch', 'art'],
        seed: flags.seed,
      });
      const set = withUnseenMakers(withClassWords(brought), {
        perStyle: brought.photos.length,
        seed: flags.seed,
      });
      const some = limitQueries(set, flags.valQueries ?? Number.POSITIVE_INFINITY);
      return keepSetOnDisk(
        { ...some, version: versions[i] ?? null },
        base.image,
        flags.cache,
        `${dataset.dir} ${await contentOf(dataset, versions[i])} ${flags.seed}`,
      );
    }),
  );
  try {
    await runGrid(
      { base, train, validation, versions, runs, sets, memory: createEncodingMemory(base.hash) },
      flags,
      context,
    );
  } finally {
    await Promise.all(sets.map((set) => set.close()));
  }
}

/** What every run of a grid shares. */
interface Grid extends AblationData {
  readonly runs: readonly AblationRun[];
  /** Vectors of the frozen gallery and of texts. */
  readonly memory: EncodingMemory;
}

/** All runs with the first seed, then all with the next: the whole table is there early, and its intervals narrow. */
async function runGrid(grid: Grid, flags: AblateFlags, context: CliContext): Promise<void> {
  const { runs, sets } = grid;
  const done = new Map<AblationRun, number[]>();
  let tables: string[] = [];
  for (let seed = flags.seed; seed < flags.seed + flags.seeds; seed++) {
    for (const [index, run] of runs.entries()) {
      if (run.tuning === null && seed > flags.seed) continue;
      const started = performance.now();
      context.note(`${run.name} (${index + 1} of ${runs.length}${flags.seeds > 1 ? `, seed ${seed}` : ''})`);
      const bundle = await trainRun(run, seed, grid, flags, context);
      const trained = performance.now();
      await evaluateRun(run, seed, grid, bundle, flags, context);
      done.set(run, [...(done.get(run) ?? []), seed]);
      // After each run, so that what is known so far can be read while the rest runs.
      tables = await writeGrids(done, sets, flags);
      const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(0)} s`;
      context.note(
        `${run.name}: ${seconds(started, trained)} training, ${seconds(trained, performance.now())} evaluation`,
      );
    }
  }
  context.print(tables.join('\n'));
}

/** The runs asked for, without those that tune a stem where there is none. */
function chooseRuns({ only }: AblateFlags, base: FrozenBackbone): readonly AblationRun[] {
  const unknown = only?.find((wanted) => !ABLATION_RUNS.some(({ name }) => runFolder(name) === wanted));
  if (unknown !== undefined) {
    throw new CliError(
      `There is no run "${unknown}"; there are ${ABLATION_RUNS.map(({ name }) => runFolder(name)).join(', ')}.`,
    );
  }
  return ABLATION_RUNS.filter(
    ({ name, tuning }) =>
      (only === undefined || only.includes(runFolder(name))) &&
      (tuning?.stem !== true || base.image.stem.length > 0),
  );
}

/** The bundle of a run: the one that is there, or a new one. */
async function trainRun(
  run: AblationRun,
  seed: number,
  grid: Grid,
  flags: AblateFlags,
  context: CliContext,
): Promise<ModelBundle | null> {
  const { base, train, validation, versions } = grid;
  const { tuning, k, name } = run;
  const given = tuning && (await readStyle(givenStyle(k, flags), base));
  await requireSameSettings(run, seed, grid, given, flags);
  if (tuning === null || given === null) return null;
  const out = bundleFolder(flags, run, seed);
  if (existsSync(join(out, 'manifest.json'))) return readBundle(out);
  const progress = progressLine(context, 'done');
  const style = await styleOf(k, given, train, flags, progress);
  const { bundle } = await buildQueryTower({
    base,
    style,
    tuning,
    train,
    validation,
    trainSplit: flags.trainSplit,
    versions,
    name: `${base.name}/${runFolder(name)}`,
    out,
    cache: flags.cache,
    seed,
    pictureSeed: flags.seed,
    picturesOnDemand: true,
    // Nothing to choose from with one epoch, and no composite queries in a grid.
    ...(flags.epochs === 1 ? { unvalidated: true } : {}),
    uncalibrated: true,
    // A row tells what a method learned, also where that is less than it started from.
    compared: true,
    ...(run.keep === undefined ? {} : { keep: run.keep }),
    epochs: flags.epochs,
    stepsPerEpoch: flags.steps,
    batch: flags.batch,
    peakRate: defaultRates[tuning.method],
    patience: flags.patience,
    perPhoto: flags.perPhoto,
    ...(flags.valQueries === undefined ? {} : { validationPerStyle: flags.valQueries }),
    session: sessionOf(flags),
    signal: context.signal,
    onProgress: progress.update,
    ...tellTraining(context, progress),
  });
  return bundle;
}

/** Folder of the style space that was given for a run; undefined for the one that comes with the product. */
const givenStyle = (k: number | undefined, { style, styleK }: AblateFlags): string | undefined =>
  (k === undefined ? undefined : styleK.get(k)) ?? style;

/** The style space of a run: the given one, or as many clusters as it wants in the features of the given one. */
async function styleOf(
  k: number | undefined,
  style: StyleBundle,
  train: Grid['train'],
  flags: AblateFlags,
  progress: ReturnType<typeof progressLine>,
): Promise<StyleBundle> {
  if (k === undefined || flags.styleK.has(k) || style.clusters.length === 0) return style;
  return refitStyle(style, {
    datasets: train,
    cache: flags.cache,
    perPhoto: flags.perPhoto,
    clusters: k,
    seed: flags.seed,
    session: sessionOf(flags),
    onProgress: progress.update,
  });
}

async function evaluateRun(
  run: AblationRun,
  seed: number,
  { base, sets, memory }: Grid,
  bundle: ModelBundle | null,
  flags: AblateFlags,
  context: CliContext,
): Promise<void> {
  const there = await Promise.all(sets.map((set) => hasReport(reportPath(flags, run, seed, set), set)));
  const missing = sets.filter((_, index) => !there[index]);
  if (missing.length === 0) return;
  const model = await createDualEncoder(base, bundle, { ...sessionOf(flags), symmetric: true });
  try {
    const progress = progressLine(context, 'encoded');
    for (const set of missing) {
      // A symmetric tower puts the photos elsewhere: nothing remembered holds for it.
      const own = model.symmetric ? createEncodingMemory(model.spaceHash) : memory;
      const report = await evaluateRemembered(model, set, own, {
        queryEncoder: bundle === null ? 'backbone' : 'tower',
        seed: flags.seed,
        signal: context.signal,
        onProgress: ({ what, done, total }) => progress.update(`${set.name}, ${what}`, done, total),
      });
      await writeOutput(
        reportPath(flags, run, seed, set),
        `${JSON.stringify(reportToJson(report), null, 1)}\n`,
      );
    }
  } finally {
    await model.close();
  }
}

/** Writes the tables of every dataset. @returns them as Markdown. */
async function writeGrids(
  done: ReadonlyMap<AblationRun, readonly number[]>,
  sets: readonly EvaluationSet[],
  flags: AblateFlags,
): Promise<string[]> {
  const tables: string[] = [];
  for (const set of sets) {
    const rows: GridRun[] = [];
    for (const [run, seeds] of done) {
      const paths = seeds.map((seed) => reportPath(flags, run, seed, set));
      const reports = await Promise.all(
        paths.map(async (path) => parseReportJson(await readFile(path, 'utf8'), path)),
      );
      rows.push({ name: run.name, reports });
    }
    const references = [ZERO_SHOT, STATIC_PROMPTS].filter((name) => rows.some((row) => row.name === name));
    const grid = reportGrid(rows, { references, seed: flags.seed });
    const at = (ending: string) => join(flags.out, `${set.name}.${ending}`);
    const markdown = gridMarkdown(grid);
    await writeOutput(at('md'), markdown);
    await writeOutput(at('csv'), gridCsv(grid));
    await writeOutput(at('tex'), gridLatex(grid));
    await writeOutput(at('svg'), gridPlot(grid));
    tables.push(markdown);
  }
  return tables;
}

const sessionOf = ({ threads }: AblateFlags) => (threads === undefined ? {} : { threads });

function styleFolders(text: string): Map<number, string> {
  return new Map(
    nameList(text).map((pair) => {
      const [, k, folder] = /^(\d+)=(.+)$/.exec(pair) ?? [];
      if (k === undefined || folder === undefined)
        throw new InvalidArgumentError('expected K=FOLDER pairs such as 2=styles/k2.');
      return [Number(k), folder] as const;
    }),
  );
}
