/** What a run keeps of its style space: `<id>#<version> <name>`, so that it still says its name when the space is gone. */
export const keptStyleSpace = (space: {
  readonly spaceId: string;
  readonly version: number;
  readonly name: string;
}): string => `${space.spaceId}#${space.version} ${space.name}`;

export interface KeptStyleSpace {
  readonly id: string;
  readonly version: number;
  readonly name: string;
}

/** Reads {@link keptStyleSpace}. @throws {RangeError} for another text. */
export function readStyleSpace(text: string): KeptStyleSpace {
  const [, id, version, name] = /^([0-9a-f-]{36})#(\d+) (.*)$/.exec(text) ?? [];
  if (id === undefined || version === undefined || name === undefined)
    throw new RangeError(`"${text}" names no style space`);
  return { id, version: Number(version), name };
}
