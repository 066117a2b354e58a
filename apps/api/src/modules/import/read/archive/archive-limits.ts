/** What an archive may hold; each figure is far above what pictures need. */
export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Unpacked size of one entry, in bytes. */
  readonly maxEntryBytes: number;
  /** Unpacked size of all entries together, in bytes. */
  readonly maxTotalBytes: number;
  /** How many times larger than packed an entry, and the whole, may be. */
  readonly maxRatio: number;
  /** Unpacked size of an entry below which nobody asks for its ratio: a blank page shrinks well. */
  readonly ratioFromBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  maxEntries: 1_000_000,
  maxEntryBytes: 1024 * MIB,
  maxTotalBytes: 100 * 1024 * MIB,
  // Pictures hardly shrink at all, texts to a tenth; deflate's own bound is 1,032.
  maxRatio: 100,
  ratioFromBytes: 16 * MIB,
};

/** An archive that is not opened, or not any further; the message is one line for a person. */
export class ArchiveError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ArchiveError';
  }
}

/** One entry that is not taken; the others are. */
export class EntryRefusal extends Error {
  readonly code: string;

  constructor(code: string, reason: string) {
    super(reason);
    this.name = 'EntryRefusal';
    this.code = code;
  }
}
