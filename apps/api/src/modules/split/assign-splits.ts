import { createHash } from 'node:crypto';

export interface SplitPart {
  readonly name: string;
  /** Of all photos, above 0; all shares together are 1. */
  readonly share: number;
}

export interface SplitPhoto {
  readonly id: string;
  readonly contentHash: string;
}

/** Says which photo goes where: a draw by seed and content, so the same photos are split the same way wherever they
 *  are and in whatever order they came. Photos that look alike stay together, or the parts would leak into each other;
 *  so a part may have a few photos more or less than its share. New photos move none of the old ones but a few at the
 *  seams.
 *  @param alike pairs of ids. @returns the name of a part for each id. */
export function assignSplits(
  photos: readonly SplitPhoto[],
  alike: Iterable<readonly [string, string]>,
  parts: readonly SplitPart[],
  seed: number,
): Map<string, string> {
  const groups = [...groupsOf(photos, alike)]
    .map((members) => ({ members, place: placeOf(members, seed) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  const assigned = new Map<string, string>();
  let part = 0;
  let end = boundary(parts, part, photos.length);
  for (const { members } of groups) {
    while (assigned.size >= end && part < parts.length - 1) {
      part += 1;
      end = boundary(parts, part, photos.length);
    }
    for (const id of members.keys()) assigned.set(id, parts[part]?.name ?? '');
  }
  return assigned;
}

/** How many photos there are up to the end of a part. */
function boundary(parts: readonly SplitPart[], part: number, count: number): number {
  const share = parts.slice(0, part + 1).reduce((sum, one) => sum + one.share, 0);
  return Math.round(share * count);
}

type Group = ReadonlyMap<string, string>;

/** Ids with their hashes, together where a chain of likeness joins them (union-find). */
function groupsOf(
  photos: readonly SplitPhoto[],
  alike: Iterable<readonly [string, string]>,
): Iterable<Group> {
  const parent = new Map(photos.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    parent.set(id, root);
    return root;
  };
  for (const [one, other] of alike) {
    if (parent.has(one) && parent.has(other)) parent.set(rootOf(one), rootOf(other));
  }
  const groups = new Map<string, Map<string, string>>();
  for (const { id, contentHash } of photos) {
    const root = rootOf(id);
    const group = groups.get(root) ?? new Map<string, string>();
    groups.set(root, group.set(id, contentHash));
  }
  return groups.values();
}

/** Where a group is drawn: by its lowest content, which is the same in every dataset that has these photos. */
function placeOf(members: Group, seed: number): string {
  const [lowest = ''] = [...members.values()].sort();
  return createHash('sha256').update(`${seed}:${lowest}`).digest('hex');
}
