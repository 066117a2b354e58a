/** Why files of a source are not even looked at. */
export const PASSED_OVER_REASONS = {
  SYSTEM:
    'Left by an operating system, a storage device or a program, such as @eaDir, Thumbs.db or Picasa.ini.',
  HIDDEN: 'Hidden: the name begins with a dot.',
  LIST: 'A list that was read for what it says about the photos.',
  UNLISTED: 'No picture by its name, and in no list.',
} as const;
export type PassedOverReason = keyof typeof PASSED_OVER_REASONS;

export interface PassedOver {
  readonly reason: PassedOverReason;
  /** Files; those in folders that are passed over count one by one. */
  readonly count: number;
  /** One of them. */
  readonly example: string;
}

/** Counts what is passed over. */
export interface PassedOverTally {
  add(reason: PassedOverReason, path: string): void;
  result(): PassedOver[];
}

export function createPassedOverTally(): PassedOverTally {
  const counted = new Map<PassedOverReason, { count: number; example: string }>();
  return {
    add(reason, path) {
      const before = counted.get(reason);
      if (before) before.count += 1;
      else counted.set(reason, { count: 1, example: path });
    },
    result: () => [...counted].map(([reason, rest]) => ({ reason, ...rest })),
  };
}

/** `12 files were passed over: left by an operating system … (holiday/@eaDir/a.jpg).` */
export const passedOverText = ({ reason, count, example }: PassedOver): string =>
  `${count} ${count === 1 ? 'file was' : 'files were'} passed over. ${PASSED_OVER_REASONS[reason]} One is ${example}`;
