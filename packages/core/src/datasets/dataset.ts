/** A gallery photo. */
export interface ImageRecord {
  readonly kind: 'image';
  /** Path as the dataset names it: relative to its folder, with `/`. The photo's id within the dataset. */
  readonly file: string;
  /** Absolute path on this machine. */
  readonly path: string;
  readonly captions: readonly string[];
  readonly class?: string;
  readonly split?: string;
  /** Keys of the record that the format does not define, as they came. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface QueryFields {
  readonly kind: 'query';
  /** `sketch`, `art`, `cartoon`, `lowres`, `text`, or a name of the curator's own. */
  readonly style: string;
  /** `file` of the photo that is meant. */
  readonly target?: string;
  readonly class?: string;
  readonly split?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A query picture. */
export interface FileQueryRecord extends QueryFields {
  readonly file: string;
  readonly path: string;
}

/** A query in words. */
export interface TextQueryRecord extends QueryFields {
  readonly text: string;
}

export type QueryRecord = FileQueryRecord | TextQueryRecord;
export type DatasetRecord = ImageRecord | QueryRecord;

/** A gallery with the queries that belong to it, whole in memory (records only, no pixels). */
export interface Dataset {
  /** The folder's name. */
  readonly name: string;
  /** Absolute path of the folder that `file` is relative to. */
  readonly dir: string;
  readonly images: readonly ImageRecord[];
  /** The queries that the dataset lists itself; captions are not repeated here, see `captionQueries`. */
  readonly queries: readonly QueryRecord[];
  /** Every split that the dataset names, sorted. */
  readonly splits: readonly string[];
  /** What a tolerant reader passed over, one sentence each. */
  readonly notes: readonly string[];
}

/** Whether a query is words rather than a picture. */
export const isTextQuery = (query: QueryRecord): query is TextQueryRecord => 'text' in query;

/** Each caption as a text query whose target is its photo. */
export function captionQueries(dataset: Dataset): TextQueryRecord[] {
  return dataset.images.flatMap((image) =>
    image.captions.map((text) => ({
      kind: 'query' as const,
      style: 'text',
      text,
      target: image.file,
      ...(image.class === undefined ? {} : { class: image.class }),
      ...(image.split === undefined ? {} : { split: image.split }),
      attributes: {},
    })),
  );
}

/** Tells which photos a query means: its target alone where it names one, else every photo of its class.
 *  @returns a function from a query to indices into `dataset.images`; empty where the query names neither. */
export function relevanceOf(dataset: Dataset): (query: QueryRecord) => readonly number[] {
  const byFile = new Map(dataset.images.map((image, i) => [image.file, i]));
  const classmates = classmatesOf(dataset);
  return (query) => {
    if (query.target === undefined) return classmates(query);
    const index = byFile.get(query.target);
    return index === undefined ? [] : [index];
  };
}

/** Tells the images of a query's class, whether or not it means one of them: indices into `dataset.images`. */
export function classmatesOf(
  dataset: Dataset,
): (query: { readonly class?: string | undefined }) => readonly number[] {
  const byClass = new Map<string, number[]>();
  dataset.images.forEach((image, i) => {
    if (image.class === undefined) return;
    const members = byClass.get(image.class) ?? [];
    members.push(i);
    byClass.set(image.class, members);
  });
  return (query) => (query.class === undefined ? [] : (byClass.get(query.class) ?? []));
}
