import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { namedVersions } from '@freestyle/core/datasets';
import { folderEvaluationSet } from '@freestyle/core/evaluation';
import {
  calibrateOutside,
  createStyleTeacher,
  extractFeatures,
  FEATURE_TRANSFORMS,
  type FeatureTransform,
  featureMatrix,
  fitStyleSpace,
  nameClusters,
  projectStyle,
  reduceStyle,
  type StyleAgreement,
  type StyleSpace,
  sampleStyles,
  styleAgreement,
  suggestClusterCount,
  writeStyleSpace,
} from '@freestyle/core/style-space';
import { Option } from 'commander';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { readVersions } from '../dataset-versions.js';
import { openVgg } from '../open-vgg.js';
import { wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';
import { writeOutput } from '../write-output.js';

interface StyleSpaceFlags {
  readonly vgg: string;
  readonly fitSplit?: string;
  readonly split?: string;
  readonly k: number;
  readonly suggest?: true;
  readonly transform: FeatureTransform;
  readonly dimensions: number;
  readonly perStyle: number;
  readonly size: number;
  readonly seed: number;
  readonly threads?: number;
  readonly out?: string;
  readonly json?: string;
}

/** `style-space <dataset folder>`: fits a style space on unlabelled pictures and judges it against their real styles. */
export const registerStyleSpace: RegisterCommand = (program, context) => {
  program
    .command('style-space')
    .description(
      'Cluster the Gram features of a dataset into a style space and judge it against the real styles.',
    )
    .argument('<folder>', 'dataset folder (with a manifest.jsonl)')
    .requiredOption(
      '--vgg <place>',
      'VGG-19, at least down to conv2_2: a weight file (safetensors or .pth), a folder or a name on the hub',
    )
    .option('--fit-split <name>', 'split to fit the space on')
    .option('--split <name>', 'split to judge it on')
    .option('--k <n>', 'clusters', wholeNumber(1), 4)
    .option('--suggest', 'also score 2 to 8 clusters by silhouette and stability')
    .addOption(
      new Option('--transform <name>', 'of Gram entries before the reduction')
        .choices(Object.keys(FEATURE_TRANSFORMS))
        .default('sqrt'),
    )
    .option('--dimensions <n>', 'values kept of a Gram feature', wholeNumber(1), 64)
    .option('--per-style <n>', 'pictures of each style, at most', wholeNumber(1), 200)
    .option('--size <pixels>', 'side of the pictures that VGG sees', wholeNumber(16), 112)
    .option('--seed <n>', 'seed', wholeNumber(0), 0)
    .option('--threads <n>', 'threads', wholeNumber(1))
    .option('--out <file>', 'write the style space (safetensors)')
    .option('--json <file>', 'write the figures as JSON')
    .action(async (folder: string, flags: StyleSpaceFlags) => {
      const versions = await readVersions([folder], context);
      const [fitted, held] = await readFeatures(folder, flags, context);
      const options = {
        k: flags.k,
        dimensions: flags.dimensions,
        transform: flags.transform,
        seed: flags.seed,
      };
      const { space: drafted } = fitStyleSpace(fitted.features, {
        ...options,
        extractorHash: fitted.extractorHash,
      });
      const named = nameClusters(drafted, fitted.features, fitted.styles);
      const { space, known } = calibrateOnHalf(named, held.features);
      const agreement = {
        ...styleAgreement(space, fitted.features, held.features, held.styles, flags.seed),
        known: known.share,
        knownOf: known.pictures,
      };
      const isSame = (flags.fitSplit ?? null) === (flags.split ?? null);
      if (isSame) context.note(SAME_PICTURES);
      context.print(agreementText(space, agreement, fitted.features.length, held.features.length));
      if (flags.suggest) context.print(suggestionText(space, fitted.features, flags.seed));
      if (flags.json !== undefined) {
        const figures = { ...namedVersions(versions), ...agreement };
        await writeOutput(flags.json, `${JSON.stringify(figures, null, 1)}\n`);
      }
      if (flags.out !== undefined)
        context.note(`Wrote ${flags.out}, content hash ${await writeStyleSpace(flags.out, space)}.`);
    });
};

const SAME_PICTURES =
  'The style space is fitted and judged on the same pictures: the agreement below is better than it would be on others.';

/** Sets the distance outside of which a picture is of no known style on every second picture, and tells on the others how
 *  many count as known: on the pictures that it was set on, that is what it was set to. */
function calibrateOnHalf(space: StyleSpace, held: readonly Float32Array[]) {
  const calibrated = calibrateOutside(
    space,
    held.filter((_, i) => i % 2 === 0),
  );
  const others = held.filter((_, i) => i % 2 === 1);
  const known = others.filter((feature) => projectStyle(calibrated, feature).known).length;
  return { space: calibrated, known: { share: known / Math.max(1, others.length), pictures: others.length } };
}

interface StyleFeatures {
  readonly features: Float32Array[];
  readonly styles: string[];
  readonly extractorHash: string;
}

async function readFeatures(
  folder: string,
  flags: StyleSpaceFlags,
  context: CliContext,
): Promise<readonly [StyleFeatures, StyleFeatures]> {
  const sets = [
    await folderEvaluationSet(folder, { split: flags.fitSplit }),
    await folderEvaluationSet(folder, { split: flags.split }),
  ];
  const vgg = await openVgg(flags.vgg, context);
  const extractorHash = await extractorHashOf(vgg.paths, flags.size);
  const session = flags.threads === undefined ? {} : { threads: flags.threads };
  const teacher = await createStyleTeacher(vgg, flags.size, session);
  try {
    const progress = progressLine(context, 'pictures');
    const read = async (set: (typeof sets)[number] | undefined, what: string): Promise<StyleFeatures> => {
      const pictures = set === undefined ? [] : sampleStyles(set, flags.perStyle, flags.seed);
      const features = await extractFeatures(pictures, flags.size, (batch) => teacher.features(batch), {
        signal: context.signal,
        onProgress: (done, total) => progress.update(what, done, total),
      });
      return { features, styles: pictures.map(({ style }) => style), extractorHash };
    };
    return [await read(sets[0], 'fit'), await read(sets[1], 'judge')];
  } finally {
    await teacher.close();
  }
}

/** Everything that a Gram feature depends on: the weights, the layer, the side of the picture. */
async function extractorHashOf(paths: readonly string[], size: number): Promise<string> {
  const hash = createHash('sha256').update(`vgg19 conv2_2 gram, ${size} pixels\n`);
  for (const path of paths) for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

function agreementText(
  space: StyleSpace,
  agreement: StyleAgreement & { readonly knownOf: number },
  fitted: number,
  held: number,
): string {
  const line = (name: string, { purity, nmi, adjustedRand }: StyleAgreement['space']) =>
    `${name.padEnd(34)}${purity.toFixed(3).padStart(8)}${nmi.toFixed(3).padStart(8)}${adjustedRand.toFixed(3).padStart(8)}`;
  return [
    `${space.centres.rows} clusters fitted on ${fitted} pictures without their styles, judged on ${held}.`,
    '',
    `${''.padEnd(34)}${'purity'.padStart(8)}${'NMI'.padStart(8)}${'ARI'.padStart(8)}`,
    line(`style space (${space.pca.size} values, ${space.transform})`, agreement.space),
    line('normalised Gram, no reduction', agreement.baseline),
    '',
    ...agreement.table.map((counts, cluster) => {
      const cells = Object.entries(counts)
        .sort((a, b) => b[1] - a[1])
        .map(([style, count]) => `${style} ${count}`);
      return `cluster ${cluster + 1} "${space.names[cluster]}": ${cells.join(', ')}`;
    }),
    '',
    `The reduction keeps ${(100 * space.pca.explained).toFixed(1)} % of the variance; ${(100 * agreement.known).toFixed(1)} % of ${agreement.knownOf} pictures count as known (distance ≤ ${space.outsideDistance.toFixed(3)}, set on as many others).`,
  ].join('\n');
}

function suggestionText(space: StyleSpace, features: readonly Float32Array[], seed: number): string {
  const reduced = featureMatrix(features.map((feature) => reduceStyle(space, feature)));
  const { k, scores } = suggestClusterCount(reduced, { seed });
  const lines = scores.map(
    (score) =>
      `  K = ${score.k}: silhouette ${score.silhouette.toFixed(3)}, stability ${score.stability.toFixed(3)}`,
  );
  return ['', ...lines, `Suggested: K = ${k}.`].join('\n');
}
