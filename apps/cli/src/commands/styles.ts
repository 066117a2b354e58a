import { readdir, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { contactSheet, encodePng, readImage, textCell } from '@freestyle/core/image';
import { heldOutMakers, styleMakers } from '@freestyle/core/styles';
import type { CliContext, RegisterCommand } from '../cli-context.js';
import { CliError } from '../cli-error.js';
import { nameList, shareOf, wholeNumber } from '../options.js';
import { progressLine } from '../progress-line.js';

interface StylesFlags {
  readonly out: string;
  readonly photos: number;
  readonly only?: string[];
  readonly strength: number;
  readonly seed: number;
  readonly cell: number;
  readonly heldOut?: boolean;
}

const PICTURES = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif']);

/** `styles <photos…>`: what the style makers make of some photos, as one contact sheet. */
export const registerStyles: RegisterCommand = (program, context) => {
  program
    .command('styles')
    .description(
      'Draw a contact sheet of every style maker on some photos: look at it before training on them.',
    )
    .argument('<photos...>', 'photos, or folders of photos (spread evenly over each)')
    .requiredOption('--out <file>', 'PNG to write: a column for each photo, a row for each maker')
    .option('--photos <n>', 'photos of each folder', wholeNumber(1), 6)
    .option('--only <names>', `only these makers, of: ${Object.keys(styleMakers).join(', ')}`, nameList)
    .option('--strength <x>', 'strength of the makers that have one, 0 to 1', shareOf, 0.5)
    .option('--seed <n>', 'seed', wholeNumber(0), 0)
    .option(
      '--held-out',
      'the makers that are kept from training and judge models, instead of the usual ones',
    )
    .option('--cell <n>', 'edge of a picture on the sheet, in pixels', wholeNumber(32), 200)
    .action((places: string[], flags: StylesFlags) => draw(places, flags, context));
};

async function draw(places: readonly string[], flags: StylesFlags, context: CliContext): Promise<void> {
  const { seed, strength, cell: size, only } = flags;
  const known = flags.heldOut ? heldOutMakers : styleMakers;
  const unknown = only?.find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined)
    throw new CliError(`There is no style maker "${unknown}"; there are ${Object.keys(known).join(', ')}.`);
  const makers = Object.entries(known).filter(([name]) => only === undefined || only.includes(name));
  const paths = (await Promise.all(places.map((place) => photosAt(place, flags.photos)))).flat();
  const photos = await Promise.all(paths.map((path) => readImage(path)));
  const progress = progressLine(context, 'made');
  const cells = [await textCell(['photo'], { size }), ...photos];
  for (const [row, [name, { style, kind, make }]] of makers.entries()) {
    cells.push(await textCell([name, `${style}: ${kind}`], { size }));
    for (const photo of photos) {
      context.signal.throwIfAborted();
      cells.push(await make(photo, { seed, strength }));
    }
    progress.update('rows of pictures', row + 1, makers.length);
  }
  await writeFile(flags.out, await encodePng(contactSheet(cells, photos.length + 1, { cell: size })));
  context.print(`${makers.length} makers on ${photos.length} photos: ${flags.out}`);
}

/** A photo, or some of a folder, its subfolders included. */
async function photosAt(place: string, most: number): Promise<string[]> {
  const found = await stat(place).catch((cause: unknown) => {
    throw new CliError(`${place}: there is no such photo or folder.`, cause);
  });
  if (!found.isDirectory()) return [place];
  const names = await readdir(place, { recursive: true });
  const photos = names.filter((name) => PICTURES.has(extname(name).toLowerCase())).sort();
  if (photos.length === 0) throw new CliError(`${place}: there are no photos in this folder.`);
  const count = Math.min(most, photos.length);
  return Array.from({ length: count }, (_, i) =>
    join(place, photos[Math.floor((i * photos.length) / count)] ?? ''),
  );
}
