import { captionQueries, type Dataset, isTextQuery, type QueryRecord } from '../datasets/dataset.js';
import { readDatasetFolder } from '../datasets/read-dataset-folder.js';
import { readImage } from '../image/image-codec.js';
import type { RgbImage } from '../image/rgb-image.js';
import { createRandom } from '../random.js';
import { mosaic } from '../styles/lowres.js';
import type { StyleMakerEntry } from '../styles/style-maker.js';
import { styleMaker, styleMakerNames } from '../styles/style-makers.js';
import { EvaluationError } from './embedding-matrix.js';
import type { EvaluationPhoto, EvaluationQuery, EvaluationSet } from './evaluation-set.js';

/** Styles that can be made from photos where a dataset has no queries of them. */
export const MADE_STYLES: readonly StyleMakerEntry['style'][] = ['lowres', 'sketch', 'art'];

/** Cell of the mosaic that low-resolution queries are made with, as in the DSR dataset. */
const MOSAIC_FACTOR = 16;

export interface FolderSetOptions {
  /** Gallery and queries of this split only. */
  readonly split?: string | undefined;
  /** Styles to make from the photos where the folder brings none; `lowres` unless told otherwise. */
  readonly make?: readonly string[] | undefined;
  /** Only these styles are wanted: no other is made. */
  readonly styles?: readonly string[] | undefined;
  /** Chooses the maker and its strength for each photo. */
  readonly seed?: number;
}

/** Reads a dataset folder as an evaluation set; pictures are read when they are encoded.
 *  @throws {DatasetError} anything wrong in the folder. @throws {EvaluationError} a style that cannot be made. */
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
  const { make = ['lowres'], styles, seed = 0, split } = options;
  checkMade(make);
  const photos = dataset.images.map((image): EvaluationPhoto => {
    return { id: image.file, className: image.class, load: () => readImage(image.path) };
  });
  const own = [...dataset.queries, ...captionQueries(dataset)].map(toEvaluationQuery);
  const present = new Set(own.map(({ style }) => style));
  const made = MADE_STYLES.filter(
    (style) =>
      make.includes(style) && !present.has(style) && (styles === undefined || styles.includes(style)),
  );
  const queries = [...own, ...made.flatMap((style) => photos.map((photo) => madeQuery(photo, style, seed)))];
  return { name: dataset.name, split: split ?? null, photos, queries };
}

function toEvaluationQuery(query: QueryRecord, index: number): EvaluationQuery {
  const common = { style: query.style, target: query.target, className: query.class };
  if (isTextQuery(query))
    return { ...common, id: `${query.style}-${index + 1}`, content: { text: query.text } };
  // One drawing may stand for several photos, so the file alone does not name the query.
  return { ...common, id: `${query.file}#${index + 1}`, content: { load: () => readImage(query.path) } };
}

/** The maker and its strength depend on the photo's name and the seed alone, not on the photos around it. */
function madeQuery(photo: EvaluationPhoto, style: StyleMakerEntry['style'], seed: number): EvaluationQuery {
  const load = async (): Promise<RgbImage> => {
    const image = await photo.load();
    if (style === 'lowres') return mosaic(image, MOSAIC_FACTOR);
    const random = createRandom(`${seed} ${style} ${photo.id}`);
    const names = styleMakerNames(style);
    const { make } = styleMaker(names[random.integer(names.length)] ?? style);
    return make(image, { seed: random.integer(2 ** 31), strength: 0.3 + 0.4 * random.uniform() });
  };
  return {
    id: `made ${style} of ${photo.id}`,
    style,
    target: photo.id,
    className: photo.className,
    content: { load },
  };
}

function checkMade(make: readonly string[]): void {
  const unknown = make.find((style) => !MADE_STYLES.some((known) => known === style));
  if (unknown === undefined) return;
  throw new EvaluationError(
    'EVALUATION_STYLE_UNKNOWN',
    `Queries in style "${unknown}" cannot be made from photos; ${MADE_STYLES.join(', ')} can.`,
  );
}
