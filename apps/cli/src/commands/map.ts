import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  folderEvaluationSet,
  type MapMethod,
  probeText,
  type StyleMapSide,
  styleMapSvgs,
  styleMaps,
} from '@freestyle/core/evaluation';
import { encodePng, rasteriseOwnSvg } from '@freestyle/core/image';
import { Option } from 'commander';
import type { RegisterCommand } from '../cli-context.js';
import { readVersions } from '../dataset-versions.js';
import { addModelOptions, type ModelFlags, openModel } from '../model-options.js';
import { nameList, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';
import { writeOutput } from '../write-output.js';

interface MapFlags extends ModelFlags {
  readonly split?: string;
  readonly make: string[];
  readonly method: 'both' | MapMethod;
  readonly photos: number;
  readonly seed: number;
  readonly out: string;
}

/** `map <dataset folder>`: where queries lie before and after the query tower, by style and by meaning. */
export const registerMap: RegisterCommand = (program, context) => {
  const command = program
    .command('map')
    .description('Draw maps of query embeddings before and after the query tower, with a style probe.')
    .argument('<folder>', 'dataset folder (with a manifest.jsonl)')
    .requiredOption('--out <folder>', 'where the maps (SVG and PNG) and the figures (JSON) go')
    .option('--split <name>', 'only the photos and queries of this split')
    .option('--make <styles>', 'make these queries where the folder has none', nameList, [
      'lowres',
      'sketch',
      'art',
    ])
    .addOption(new Option('--method <name>', 'layout').choices(['both', 'pca', 'umap']).default('both'))
    .option('--photos <n>', 'photos whose queries are shown', wholeNumber(2), 150)
    .option('--seed <n>', 'seed', wholeNumber(0), 0);
  addModelOptions(command).action(async (folder: string, flags: MapFlags) => {
    const { split, make, seed, photos, method, out } = flags;
    const set = await folderEvaluationSet(folder, { split, make, seed });
    const [model, [version]] = await Promise.all([
      openModel(flags, context),
      readVersions([folder], context),
    ]);
    try {
      const progress = progressLine(context, 'encoded');
      const maps = await styleMaps(model, set, {
        photos,
        seed,
        signal: context.signal,
        onProgress: ({ what, done, total }) => progress.update(what, done, total),
      });
      const methods: readonly MapMethod[] = method === 'both' ? ['pca', 'umap'] : [method];
      for (const one of methods) {
        for (const [name, svg] of Object.entries(styleMapSvgs(maps, one, seed))) {
          await writeOutput(join(out, name), svg);
          const png = await encodePng(await rasteriseOwnSvg(svg));
          await writeFile(join(out, name.replace(/\.svg$/, '.png')), png);
        }
      }
      const figures = {
        model: model.name,
        dataset: set.name,
        datasetVersion: version ?? null,
        before: figuresOf(maps.before),
        after: figuresOf(maps.after),
      };
      await writeOutput(join(out, 'maps.json'), `${JSON.stringify(figures, null, 1)}\n`);
      context.print(
        `${maps.queries.length} query pictures\n${line('backbone', maps.before)}\n${line('query tower', maps.after)}`,
      );
    } finally {
      await model.close();
    }
  });
};

const figuresOf = ({ styleProbe, meaningKept, hitAt1 }: StyleMapSide) => ({
  styleProbe,
  meaningKept,
  'hit@1': hitAt1,
});

function line(name: string, { styleProbe, meaningKept, hitAt1 }: StyleMapSide): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `${name.padEnd(12)} ${probeText(styleProbe)}, same photo nearest across styles ${percent(meaningKept)}, hit@1 ${percent(hitAt1)}`;
}
