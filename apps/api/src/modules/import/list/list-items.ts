import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DatasetError,
  isAddress,
  isImageName,
  type ListingEntry,
  type ListingFormat,
  type ListingFormatName,
  type ListingSource,
  listingFormats,
  recogniseListing,
  type TextEncoding,
} from '@freestyle/core';
import type { ColumnMapping, ImportFormat } from '../import-options.js';
import { placeOnDisk } from '../read/file-name.js';
import { ItemRefusal } from '../read/read-source.js';
import { limitsOf } from './item-limits.js';
import type { ItemMetadata, ListedItem, QueryMetadata } from './listed-item.js';
import { createPassedOverTally, type PassedOverTally } from './passed-over.js';
import { queryKey } from './query-key.js';
import { walkFolder } from './walk-folder.js';

/** How a folder will be listed. */
export interface ListingPlan {
  readonly source: ListingSource;
  readonly format: ListingFormatName;
  /** Everything that it could be read as. */
  readonly formats: readonly ListingFormatName[];
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
  /** What is not even looked at; what stands in no list comes to it as the items are listed. */
  readonly passedOver: PassedOverTally;
  readonly takeUnlisted: boolean;
}

export interface ListingWish {
  readonly format: ImportFormat;
  readonly columns?: ColumnMapping | undefined;
  /** How lists are encoded; found out where absent. */
  readonly encoding?: TextEncoding | undefined;
  /** Whether pictures that stand in no list are taken, with nothing said about them. */
  readonly takeUnlisted?: boolean | undefined;
  /** A folder to leave out, for when our own data lies inside. */
  readonly exclude?: string | undefined;
  /** Whether a dataset that lies alone in a folder of its own is looked for there, as archives and dropped folders
   *  have it. Only where nothing can be added beside it between two looks. */
  readonly mayDescend: boolean;
}

export const formatName = (format: ImportFormat): ListingFormatName =>
  format.toLowerCase().replaceAll('_', '-') as ListingFormatName;

export const importFormat = (name: ListingFormatName): ImportFormat =>
  name.toUpperCase().replaceAll('-', '_') as ImportFormat;

/** Looks which files there are and how they are laid out. */
export async function planListing(folder: string, wish: ListingWish): Promise<ListingPlan> {
  const passedOver = createPassedOverTally();
  const { files, unreadable } = await walkFolder(folder, { exclude: wish.exclude, passedOver });
  const { columns, encoding, takeUnlisted = false } = wish;
  const wanted = wish.format === 'AUTO' ? null : formatName(wish.format);
  let source: ListingSource = { dir: folder, files, columns, encoding };
  const outer = { source, formats: await recogniseListing(source) };
  for (let found = outer; ; found = { source, formats: await recogniseListing(source) }) {
    const fits = wanted === null ? found.formats[0] !== 'plain' : found.formats.includes(wanted);
    const inner = wish.mayDescend ? onlyFolder(source) : null;
    if (fits || inner === null || wanted === 'plain') {
      const { source: chosen, formats } = fits ? found : outer;
      const format = wanted ?? formats[0] ?? 'plain';
      return {
        source: chosen,
        format,
        formats: [...new Set([...formats, format])],
        unreadable,
        passedOver,
        takeUnlisted,
      };
    }
    source = inner;
  }
}

/** The folder that holds all files, seen from inside. */
function onlyFolder({ dir, files, ...rest }: ListingSource): ListingSource | null {
  const [first = ''] = files;
  const prefix = first.slice(0, first.indexOf('/') + 1);
  if (prefix === '' || !files.every((file) => file.startsWith(prefix))) return null;
  return { dir: join(dir, prefix), files: files.map((file) => file.slice(prefix.length)), ...rest };
}

/** Lists what a folder holds, photos before queries. Nothing is passed over in silence: what cannot be taken comes
 *  with its reason. */
export async function* listItems(plan: ListingPlan): AsyncGenerator<ListedItem> {
  const { dir } = plan.source;
  for (const { path, code } of plan.unreadable) {
    yield refused(path, 'FILE_UNREADABLE', `the folder cannot be read (${code})`);
  }
  const seen = new Map<string, string>();
  try {
    const named = new Set<string>();
    for await (const entry of listingFormats[plan.format].list(plan.source)) {
      if (entry.kind !== 'problem') for (const file of filesOf(entry)) named.add(file);
      const item = await itemOf(entry, dir).catch((error: unknown) => refusedFor(error, entry.place, dir));
      yield againOr(seen, item, entry.place);
    }
    yield* unlistedItems(plan, named);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const { path } = error.data;
    const place = typeof path === 'string' ? withoutFolder(path, dir) : '.';
    yield refused(place, error.code, withoutFolder(error.message, dir));
  }
}

const filesOf = (entry: Exclude<ListingEntry, { kind: 'problem' }>): string[] =>
  [entry.file, entry.kind === 'query' ? entry.target : undefined].filter((file) => file !== undefined);

/** What lies in the folder and no list names, so that the numbers add up to what is there. */
async function* unlistedItems(
  { source, format, passedOver, takeUnlisted }: ListingPlan,
  named: ReadonlySet<string>,
): AsyncGenerator<ListedItem> {
  const listing: ListingFormat = listingFormats[format];
  // A list of which nothing could be read is told as such; the pictures beside it are not at fault.
  if (listing.lists === undefined || named.size === 0) return;
  const lists = new Set(await listing.lists(source));
  for (const file of source.files) {
    if (named.has(file)) continue;
    if (lists.has(file)) passedOver.add('LIST', file);
    else if (!isImageName(file)) passedOver.add('UNLISTED', file);
    else if (takeUnlisted)
      yield await itemOf({ kind: 'image', place: file, file, captions: [], attributes: {} }, source.dir);
    else
      yield refused(
        file,
        'NOT_LISTED',
        'no list names it; ask for such pictures to take them without captions',
      );
  }
}

/** What is wrong with one item costs that item alone. */
function refusedFor(error: unknown, place: string, dir: string): ListedItem {
  const code = error instanceof ItemRefusal ? error.code : 'UNEXPECTED';
  return refused(place, code, withoutFolder(error instanceof Error ? error.message : String(error), dir));
}

/** An item that was listed before is told as what it is: the second one would change what the first one did. */
function againOr(seen: Map<string, string>, item: ListedItem, place: string): ListedItem {
  if (item.refusal !== null) return item;
  const metadata = item.metadata;
  const key = metadata !== null && 'style' in metadata ? queryKey(item.path, metadata) : `photo:${item.path}`;
  const before = seen.get(key);
  if (before === undefined) {
    seen.set(key, place);
    return item;
  }
  const reason = `${place}: ${item.path} already stands at ${before}`;
  return { ...item, refusal: { code: 'LISTED_TWICE', reason } };
}

async function itemOf(entry: ListingEntry, dir: string): Promise<ListedItem> {
  if (entry.kind === 'problem') {
    return refused(clean(entry.place) || '.', entry.code, withoutFolder(entry.reason, dir));
  }
  const path = clean(entry.kind === 'query' ? (entry.file ?? entry.place) : entry.file);
  const item = {
    kind: entry.kind === 'query' ? ('QUERY' as const) : ('PHOTO' as const),
    path,
    metadata: metadataOf(entry),
  };
  const refusal = limitsOf(item);
  // What is too long is told, not kept.
  const kept = refusal === null ? item : { ...item, path: path.slice(0, SHOWN_PATH), metadata: null };
  const onDisk = entry.kind === 'image' || entry.file !== undefined;
  return { ...kept, ...(onDisk && !isAddress(path) ? await sizeAndTime(dir, path) : UNKNOWN), refusal };
}

const UNKNOWN = { byteSize: null, modifiedMs: null };

async function sizeAndTime(dir: string, path: string): Promise<Pick<ListedItem, 'byteSize' | 'modifiedMs'>> {
  const info = await placeOnDisk(dir, path)
    .then((place) => lstat(place))
    .catch(() => null);
  // What is not there holds nothing, however long the list of it.
  if (info === null) return { byteSize: 0, modifiedMs: null };
  // A link's own size and time say nothing about what it leads to.
  return info.isFile() ? { byteSize: info.size, modifiedMs: info.mtimeMs } : UNKNOWN;
}

function metadataOf(entry: Exclude<ListingEntry, { kind: 'problem' }>): ItemMetadata | QueryMetadata | null {
  const labels = {
    class: entry.class === undefined ? null : clean(entry.class),
    split: entry.split === undefined ? null : clean(entry.split),
    attributes: cleanAttributes(entry.attributes),
  };
  if (entry.kind === 'query') {
    const { style, target, text } = entry;
    const none = {
      target: target === undefined ? null : clean(target),
      text: text === undefined ? null : clean(text),
    };
    return { style: clean(style), ...none, ...labels };
  }
  // A file that no list names has nothing said about it, so nothing that a curator said is overwritten.
  if (entry.place === entry.file && labels.class === null && entry.captions.length === 0) return null;
  const tags = entry.tags && { tags: entry.tags.map(clean) };
  return { captions: entry.captions.map(clean), ...labels, ...tags };
}

// Enough to know it by; whoever makes names of megabytes need not find them all in the ledger.
const SHOWN_PATH = 1000;

/** An item that is only named, with its reason. */
export const refused = (path: string, code: string, reason: string): ListedItem => ({
  kind: 'PHOTO',
  path: clean(path.slice(0, SHOWN_PATH)),
  byteSize: null,
  modifiedMs: null,
  metadata: null,
  refusal: { code, reason: clean(reason) },
});

// Where our own folders lie is nobody's business.
const withoutFolder = (text: string, dir: string): string =>
  clean(text.replaceAll(`${dir}/`, '').replaceAll(dir, '.'));

// PostgreSQL's text and JSON can hold neither a zero character nor half of a surrogate pair.
const clean = (text: string): string => text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD');

// Deeper than what people write, and far from where writing it as JSON would overflow the stack.
const ATTRIBUTE_DEPTH = 100;

const cleanAttributes = (
  attributes: Readonly<Record<string, unknown>>,
  depth = ATTRIBUTE_DEPTH,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [clean(name), cleanValue(value, depth - 1)]),
  );

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) {
    const reason = `the further attributes are nested more than ${ATTRIBUTE_DEPTH} levels deep`;
    throw new ItemRefusal('REJECTED', 'ATTRIBUTES_TOO_LARGE', reason);
  }
  return Array.isArray(value)
    ? value.map((inner) => cleanValue(inner, depth - 1))
    : cleanAttributes(value as Record<string, unknown>, depth);
}
