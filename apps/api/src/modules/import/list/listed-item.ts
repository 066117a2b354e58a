/** What a list says about a photo. */
export interface ItemMetadata {
  readonly captions: readonly string[];
  readonly class: string | null;
  readonly split: string | null;
  /** Absent where the list says nothing of tags. */
  readonly tags?: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a list says about a query. */
export interface QueryMetadata {
  readonly style: string;
  /** `fileName` of the photo that is meant. */
  readonly target: string | null;
  /** The words of a query in words; null for pictures. */
  readonly text: string | null;
  readonly class: string | null;
  readonly split: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A photo or query that an import has to deal with; nothing was read of it yet. */
export interface ListedItem {
  readonly kind: 'PHOTO' | 'QUERY';
  /** Relative to the folder, with `/`; the place in a list for words, the address for pictures of the web. */
  readonly path: string;
  readonly byteSize: number | null;
  readonly modifiedMs: number | null;
  readonly metadata: ItemMetadata | QueryMetadata | null;
  /** Why it cannot even be looked at. */
  readonly refusal: {
    readonly state?: 'REJECTED' | 'DUPLICATE';
    readonly code: string;
    readonly reason: string;
  } | null;
}
