import type { DatasetErrorCode } from '../dataset-error.js';
import type { TextEncoding } from '../text-file.js';

/** Where an entry stands, for messages: `captions.csv:12`, or the file itself where no list names it. */
interface Placed {
  readonly place: string;
}

interface Labels {
  readonly class?: string;
  readonly split?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A gallery photo that a folder lists. */
export interface ListedPhoto extends Placed, Labels {
  readonly kind: 'image';
  /** Relative to the folder with `/`, or an address that begins with http:// or https://. */
  readonly file: string;
  readonly captions: readonly string[];
  /** Absent where the list says nothing of tags. */
  readonly tags?: readonly string[];
}

/** A query that a folder lists: a picture (`file`) or words (`text`). */
export interface ListedQuery extends Placed, Labels {
  readonly kind: 'query';
  readonly style: string;
  readonly file?: string;
  readonly text?: string;
  /** `file` of the photo that is meant. */
  readonly target?: string;
}

/** Something that cannot be taken; whatever else is listed still can. */
export interface ListingProblem extends Placed {
  readonly kind: 'problem';
  readonly code: DatasetErrorCode;
  readonly reason: string;
}

export type ListingEntry = ListedPhoto | ListedQuery | ListingProblem;

/** Which column or key of a list holds what. */
export interface ListColumns {
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly caption?: string | undefined;
  readonly class?: string | undefined;
  readonly split?: string | undefined;
  readonly tags?: string | undefined;
  readonly style?: string | undefined;
  readonly target?: string | undefined;
}

export interface ListingSource {
  /** Absolute path of the folder. */
  readonly dir: string;
  /** Every file below it that may be taken, relative with `/`, sorted. */
  readonly files: readonly string[];
  /** What to read from which column; the rest is guessed from the names. */
  readonly columns?: ListColumns | undefined;
  /** How its lists are encoded; each is looked at for it where this is absent. */
  readonly encoding?: TextEncoding | undefined;
}

export interface ListingFormat {
  /** The layout in one line, for help texts. */
  readonly layout: string;
  recognises(source: ListingSource): boolean | Promise<boolean>;
  /** The files that it reads as lists, and so are no pictures to be taken; none where absent. */
  lists?(source: ListingSource): readonly string[] | Promise<readonly string[]>;
  /** Photos first, then queries. A fault of one entry is a `problem`.
   *  @throws {DatasetError} where nothing of it can be read. */
  list(source: ListingSource): AsyncGenerator<ListingEntry>;
}

export const problem = (place: string, code: DatasetErrorCode, reason: string): ListingProblem => ({
  kind: 'problem',
  place,
  code,
  reason,
});
