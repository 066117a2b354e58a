import { captionQueries, type Dataset, isTextQuery, type QueryRecord } from '../datasets/dataset.js';
import { readDatasetFolder } from '../datasets/read-dataset-folder.js';
import { readImage } from '../image/image-codec.js';
import type { RgbImage } from '../image/rgb-image.js';
import { createRandom } from '../random.js';
import { isHeldOut } from '../styles/held-out/held-out-names.js';
import type { StyleMakerEntry } from '../styles/style-maker.js';
import { styleMaker, styleMakerNames } from '../styles/style-makers.js';
import { hashFile } from '../weights/hash-file.js';
import { classPhrase } from './class-words.js';
import { EvaluationError } from './embedding-matrix.js';
import type { EvaluationPhoto, EvaluationQuery, EvaluationSet } from './evaluation-set.js';
import { unseenStyle } from './makers.js';

/** Styles that can be made from photos where a dataset has no queries of them. */
export const MADE_STYLES: readonly StyleMakerEntry['style'][] = ['lowres', 'sketch', 'art'];

/** What `make` may name: a text too, one for each class where no photo has a caption. */
export const MAKEABLE: readonly string[] = [...MADE_STYLES, 'text'];

/** The mosaic of the DSR dataset. */
const USUAL_LOWRES = 'lowres-mosaic-16';

export interface FolderSetOptions {
  /** Gallery and queries of this split only. */
  readonly split?: string | undefined;
  /** Styles to make from the photos where the folder brings none; `lowres` unless told otherwise. */
  readonly make?: readonly string[] | undefined;
  /** Only these styles are wanted: no other is made. */
  readonly styles?: readonly string[] | undefined;
  /** Always this maker for a style (`lowres`: `lowres-mosaic-32`), instead of the usual ones. */
  readonly makers?: Readonly<Record<string, string>>;
  /** Strength of made queries, 0 to 1; a moderate one for each photo when absent. Mosaics, which are the usual `lowres`,
   *  have none. */
  readonly strength?: number;
  /** Chooses the maker and its strength for each photo. */
  readonly seed?: number;
}

/** Reads a dataset folder as an evaluation set; pictures are read when they are encoded.
 *  @throws {DatasetError} anything wrong in the folder.
 *  @throws {EvaluationError} a style that cannot be made, a strength that would change no query. */
export async function folderEvaluationSet(
  folder: string,
  options: FolderSetOptions = {},
): Promise<EvaluationSet> {
  checkMade(options.make ?? []);
  const dataset = await readDatasetFolder(
    folder,
    options.split === undefined ? {} : { split: options.split },
  );
  return datasetEvaluationSet(dataset, options);
}

/** A dataset in memory as an evaluation set: its queries, its captions as text queries, and made queries. */
export function datasetEvaluationSet(dataset: Dataset, options: FolderSetOptions = {}): EvaluationSet {
  const { make = ['lowres'], styles, split } = options;
  checkMade(make);
  checkMakers(options.makers ?? {});
  const photos = dataset.images.map((image): EvaluationPhoto => {
    return {
      id: image.file,
      className: image.class,
      contentHash: once(() => hashFile(image.path)),
      load: () => readImage(image.path),
    };
  });
  const own = [...dataset.queries, ...captionQueries(dataset)].map(toEvaluationQuery);
  const present = new Set(own.map(({ style }) => style));
  const made = MADE_STYLES.filter(
    (style) =>
      make.includes(style) && !present.has(style) && (styles === undefined || styles.includes(style)),
  );
  checkStrength(options, made);
  const queries = [
    ...own,
    ...made.flatMap((style) => photos.map((photo) => madeQuery(photo, style, options))),
    ...(make.includes('text') && !present.has('text') && (styles?.includes('text') ?? true)
      ? classTexts(photos)
      : []),
  ];
  return { name: dataset.name, split: split ?? null, photos, queries };
}

/** A file is read once for its hash, however often it is asked for. */
function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function toEvaluationQuery(query: QueryRecord, index: number): EvaluationQuery {
  const { maker } = query.attributes;
  const common = {
    style: isHeldOut(maker) ? unseenStyle(query.style) : query.style,
    target: query.target,
    className: query.class,
    slices: slicesOf(query),
    derived: isDerived(query),
    ...(typeof maker === 'string' ? { maker } : {}),
  };
  if (isTextQuery(query))
    return { ...common, id: `${query.style}-${index + 1}`, content: { text: query.text } };
  // One drawing may stand for several photos, so the file alone does not name the query.
  return {
    ...common,
    id: `${query.file}#${index + 1}`,
    contentHash: once(() => hashFile(query.path)),
    content: { load: () => readImage(query.path) },
  };
}

/** What a record says beside its meaning, where that is a word: figures can be told by it. */
function slicesOf({ split, attributes }: QueryRecord): Record<string, string> {
  const words = Object.entries(attributes).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'boolean' ? [[name, String(value)] as const] : [],
  );
  return { ...Object.fromEntries(words), ...(split === undefined ? {} : { split }) };
}

/** A mosaic is its photo's own pixels, and so is what a maker drew from them. */
const isDerived = ({ style, target, attributes }: QueryRecord): boolean =>
  target !== undefined && (style === 'lowres' || 'maker' in attributes);

/** The maker and its strength depend on the photo's name and the seed alone, not on the photos around it. */
function madeQuery(
  photo: EvaluationPhoto,
  style: StyleMakerEntry['style'],
  { seed = 0, makers = {}, strength }: FolderSetOptions,
): EvaluationQuery {
  const random = createRandom(`${seed} ${style} ${photo.id}`);
  const names = styleMakerNames(style);
  const drawn = names[random.integer(names.length)] ?? style;
  const maker = fixedMaker(style, makers) ?? drawn;
  const { make, hasStrength } = styleMaker(maker);
  const chosen = { seed: random.integer(2 ** 31), strength: 0.3 + 0.4 * random.uniform() };
  const load = async (): Promise<RgbImage> =>
    make(await photo.load(), strength === undefined ? chosen : { ...chosen, strength });
  // Queries made otherwise are other queries: a comparison of runs must not take them for the same. What has no
  // strength draws nothing either, and is the same under every seed.
  const how = [
    makers[style],
    hasStrength && strength !== undefined && `strength ${strength}`,
    hasStrength && seed !== 0 && `seed ${seed}`,
  ]
    .filter(Boolean)
    .join(', ');
  return {
    id: `made ${style}${how === '' ? '' : ` (${how})`} of ${photo.id}`,
    style,
    target: photo.id,
    className: photo.className,
    maker,
    derived: true,
    // The photo, the maker and what it was told decide every pixel.
    contentHash: async () => {
      const of = typeof photo.contentHash === 'function' ? await photo.contentHash() : photo.contentHash;
      return JSON.stringify([
        maker,
        hasStrength ? [chosen.seed, strength ?? chosen.strength] : null,
        of ?? photo.id,
      ]);
    },
    content: { load },
  };
}

/** The maker of every photo's query; undefined where each photo draws its own. */
const fixedMaker = (style: string, makers: Readonly<Record<string, string>>): string | undefined =>
  makers[style] ?? (style === 'lowres' ? USUAL_LOWRES : undefined);

/** The name of each class as a text, in a sentence, which is what text towers have read. */
function classTexts(photos: readonly EvaluationPhoto[]): EvaluationQuery[] {
  const classes = [...new Set(photos.flatMap(({ className }) => className ?? []))].sort();
  return classes.map((className) => {
    const content = { text: classPhrase(className) };
    return { id: `made text of class ${className}`, style: 'text', className, content };
  });
}

function checkMakers(makers: Readonly<Record<string, string>>): void {
  for (const [style, name] of Object.entries(makers)) {
    const entry = styleMaker(name);
    if (entry.style === style) continue;
    throw new EvaluationError(
      'EVALUATION_STYLE_UNKNOWN',
      `${name} makes ${entry.style} queries, not ${style}; ${styleMakerNames(entry.style).join(', ')} do.`,
    );
  }
}

function checkMade(make: readonly string[]): void {
  const unknown = make.find((style) => !MAKEABLE.includes(style));
  if (unknown === undefined) return;
  throw new EvaluationError(
    'EVALUATION_STYLE_UNKNOWN',
    `Queries in style "${unknown}" cannot be made from photos; ${MAKEABLE.join(', ')} can.`,
  );
}

function checkStrength({ strength, makers = {} }: FolderSetOptions, made: readonly string[]): void {
  const heeds = (style: string): boolean => {
    const maker = fixedMaker(style, makers);
    return maker === undefined || styleMaker(maker).hasStrength;
  };
  if (strength === undefined || made.some(heeds)) return;
  const why = made.length === 0 ? 'none is made here' : 'mosaics have none';
  throw new EvaluationError(
    'EVALUATION_STRENGTH_UNUSED',
    `A strength of ${strength} would change no query: ${why}. Leave --strength out, or make queries that have one, such as --make sketch or --makers lowres=lowres-blur.`,
  );
}
