import { CoreError } from '@freestyle/core';
import { type CuratedStyles, editStyles, type FeatureMatrix } from '@freestyle/core/style-space';
import { ConflictError, NotFoundError } from '../../platform/errors.js';
import { floatsOf, type PictureRow, type StyleContentRepository } from './content-repository.js';
import { editsSchema, type StoredEdit } from './options.js';
import type { StyleSpace, StyleSpaceRepository, StyleSpaceVersion } from './repository.js';

/** The pictures of a space with their features, as they are at work in memory. */
export interface SpaceContent {
  readonly pictures: readonly PictureRow[];
  readonly features: FeatureMatrix;
}

/** Spaces, versions and drafts at work: read once and remembered, for versions never change. */
export interface SpaceContents {
  content(spaceId: string): Promise<SpaceContent>;
  /** @throws {NotFoundError} */
  version(
    space: StyleSpace,
    number: number,
  ): Promise<{ readonly version: StyleSpaceVersion; readonly styles: CuratedStyles }>;
  /** The version with edits applied. @throws {ConflictError} in words, for an edit that cannot be done. */
  edited(space: StyleSpace, base: number, edits: readonly StoredEdit[]): Promise<CuratedStyles>;
  forget(spaceId: string): void;
}

/** Two spaces of 50,000 pictures are about 60 MB. */
const SPACES = 2;
const VERSIONS = 8;

export function createSpaceContents(
  spaces: StyleSpaceRepository,
  contents: StyleContentRepository,
): SpaceContents {
  const content = remember(SPACES, async (spaceId: string): Promise<SpaceContent> => {
    const { rows, features } = await contents.pictures(spaceId);
    const columns = rows.length === 0 ? 0 : features.length / rows.length;
    return { pictures: rows, features: { data: features, rows: rows.length, columns } };
  });
  const versions = remember(VERSIONS, async (key: string, space: StyleSpace) => {
    const version = await spaces.version(space.id, Number(key.split('/')[1]));
    if (version === null) throw new NotFoundError('The style space has no such version.');
    return { version, styles: await readStyles(contents, space, version) };
  });
  const drafts = remember(VERSIONS, async (key: string, space: StyleSpace): Promise<CuratedStyles> => {
    const [, base = '1', text = '[]'] = /^[^/]*\/(\d+)\/(.*)$/s.exec(key) ?? [];
    const { features } = await content(space.id);
    const edits = editsSchema.parse(JSON.parse(text));
    const last = edits.at(-1);
    if (last === undefined) return (await versions(`${space.id}/${base}`, space)).styles;
    const before = await drafts(`${space.id}/${base}/${JSON.stringify(edits.slice(0, -1))}`, space);
    return applied(before, last, features);
  });
  return {
    content: (spaceId) => content(spaceId),
    version: (space, number) => versions(`${space.id}/${number}`, space),
    edited: (space, base, edits) => drafts(`${space.id}/${base}/${JSON.stringify(edits)}`, space),
    forget(spaceId) {
      for (const memory of [content, versions, drafts]) memory.forget(spaceId);
    },
  };
}

function applied(styles: CuratedStyles, edit: StoredEdit, features: FeatureMatrix): CuratedStyles {
  try {
    return editStyles(styles, edit, features);
  } catch (error) {
    if (error instanceof CoreError) throw new ConflictError(error.message);
    throw error;
  }
}

async function readStyles(
  contents: StyleContentRepository,
  space: StyleSpace,
  version: StyleSpaceVersion,
): Promise<CuratedStyles> {
  const [clusters, members] = await Promise.all([
    contents.clusters(version.id),
    contents.members(version.id),
  ]);
  return {
    clusters: clusters.map(({ key, name, colour, centre, pinned }) => ({
      ...{ key, name, colour, pinned },
      centre: floatsOf(centre),
    })),
    labels: Int32Array.from(members, ({ cluster }) => cluster),
    cosines: Float32Array.from(members, ({ cosine }) => cosine),
    held: Uint8Array.from(members, ({ held }) => (held ? 1 : 0)),
    knownCosine: space.knownCosine ?? -1,
    nextKey: version.nextKey,
  };
}

interface Memory<Extra extends unknown[], Value> {
  (key: string, ...extra: Extra): Promise<Value>;
  forget(prefix: string): void;
}

/** Remembers the answers that were asked for last. A failure is not remembered. */
function remember<Extra extends unknown[], Value>(
  most: number,
  make: (key: string, ...extra: Extra) => Promise<Value>,
): Memory<Extra, Value> {
  const known = new Map<string, Promise<Value>>();
  const ask = (key: string, ...extra: Extra): Promise<Value> => {
    const found = known.get(key) ?? make(key, ...extra);
    known.delete(key);
    known.set(key, found);
    found.catch(() => known.delete(key));
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return found;
  };
  return Object.assign(ask, {
    forget(prefix: string) {
      for (const key of known.keys()) if (key.startsWith(prefix)) known.delete(key);
    },
  });
}
