import type { FileLookup } from './file-lookup.js';
import { isAddress } from './file-lookup.js';
import { LIST_FIELDS, type ListField } from './list-fields.js';
import { type ListedPhoto, type ListedQuery, type ListingEntry, problem } from './listing.js';

/** One row of a list, whatever it was written in. */
export interface ListRow {
  readonly place: string;
  /** Folder of the list. */
  readonly from: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Partial<Record<ListField, string>>>;
  /** What the list's own name tells. */
  readonly split?: string | undefined;
}

interface Photo {
  readonly entry: ListedPhoto;
  captions: string[];
}

/** Gathers the rows of lists into photos and queries. Rows of the same photo are one photo with several captions. */
export function createRowGatherer(lookup: FileLookup) {
  const photos = new Map<string, Photo>();
  const queries: ListedQuery[] = [];
  return {
    /** @returns what is wrong with the row, or null. */
    add(row: ListRow): ListingEntry | null {
      const unreadable = Object.entries(row.values).find(([, value]) => holdsReplacement(value));
      if (unreadable !== undefined) {
        const reason = `"${unreadable[0]}" holds letters that cannot be read (shown as \uFFFD): the list is not in one encoding, or in another than was said`;
        return problem(row.place, 'BAD_ENCODING', reason);
      }
      const read = readRow(row, lookup);
      if ('kind' in read && read.kind === 'problem') return read;
      if (read.kind === 'query') queries.push(read);
      else return addPhoto(photos, read);
      return null;
    },
    *entries(): Generator<ListingEntry> {
      for (const { entry, captions } of photos.values()) yield { ...entry, captions };
      yield* queries;
    },
  };
}

function addPhoto(photos: Map<string, Photo>, entry: ListedPhoto): ListingEntry | null {
  const known = photos.get(entry.file);
  if (known === undefined) {
    photos.set(entry.file, { entry, captions: [...entry.captions] });
    return null;
  }
  for (const key of ['class', 'split'] as const) {
    const [before, now] = [known.entry[key], entry[key]];
    if (before !== undefined && now !== undefined && before !== now) {
      const reason = `${entry.file} has the ${key} "${now}" here and "${before}" at ${known.entry.place}`;
      return problem(entry.place, 'BAD_RECORD', reason);
    }
  }
  known.captions.push(...entry.captions.filter((caption) => !known.captions.includes(caption)));
  return null;
}

type ReadRow = ListedPhoto | ListedQuery | ReturnType<typeof problem>;

function readRow(row: ListRow, lookup: FileLookup): ReadRow {
  const { place, from } = row;
  const split = words(row, 'split') ?? row.split;
  const label = words(row, 'class');
  const labels = {
    place,
    ...(label === undefined ? {} : { class: label }),
    ...(split === undefined ? {} : { split }),
    attributes: restOf(row),
  };
  const style = words(row, 'style');
  const named = words(row, 'url') ?? words(row, 'file');
  if (style === undefined || style.toLowerCase() === 'photo') {
    if (named === undefined) return problem(place, 'BAD_RECORD', missingName(row));
    const file = fileOf(named, from, row, lookup);
    if (typeof file !== 'string') return file;
    const tags = tagsOf(row);
    return { kind: 'image', file, captions: captionsOf(row), ...(tags && { tags }), ...labels };
  }
  const wanted = words(row, 'target');
  const target = wanted === undefined ? undefined : lookup(wanted, from);
  if (target?.kind === 'refused') return problem(place, target.code, `target: ${target.reason}`);
  const common = { kind: 'query' as const, style, ...(target && { target: target.file }), ...labels };
  if (named === undefined) {
    const [text] = captionsOf(row);
    return text === undefined
      ? problem(place, 'BAD_RECORD', `a query of the style "${style}" needs a picture or words, got neither`)
      : { ...common, text };
  }
  const file = fileOf(named, from, row, lookup);
  return typeof file === 'string' ? { ...common, file } : file;
}

function fileOf(name: string, from: string, { place, columns, values }: ListRow, lookup: FileLookup) {
  if (columns.url !== undefined && values[columns.url] === name && !isAddress(name)) {
    const reason = `expected an address that begins with http:// or https://, got "${shown(name)}"`;
    return problem(place, 'BAD_RECORD', reason);
  }
  const found = lookup(name, from);
  return found.kind === 'refused' ? problem(place, found.code, found.reason) : found.file;
}

const holdsReplacement = (value: unknown): boolean =>
  typeof value === 'string' ? value.includes('\uFFFD') : Array.isArray(value) && value.some(holdsReplacement);

const missingName = ({ columns }: ListRow): string => {
  const wanted = [columns.file, columns.url].filter((name) => name !== undefined);
  return `expected the name of a picture${wanted.length > 0 ? ` in "${wanted.join('" or "')}"` : ''}, got nothing`;
};

function words({ values, columns }: ListRow, field: ListField): string | undefined {
  const name = columns[field];
  const value = name === undefined ? undefined : values[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function captionsOf({ values, columns }: ListRow): string[] {
  const value = columns.caption === undefined ? undefined : values[columns.caption];
  const list = Array.isArray(value) ? value : [value];
  const texts = list.map((one: unknown) => (isObject(one) ? (one.raw ?? one.caption ?? one.text) : one));
  return texts.flatMap((text) => (typeof text === 'string' && text.trim() !== '' ? [text.trim()] : []));
}

function tagsOf({ values, columns }: ListRow): string[] | undefined {
  if (columns.tags === undefined) return undefined;
  const value = values[columns.tags];
  const list: unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(/[,;|]/)
      : [];
  const tags = list.flatMap((tag) => (typeof tag === 'string' && tag.trim() !== '' ? [tag.trim()] : []));
  return [...new Set(tags)];
}

/** What no field is made of is kept as it came. */
function restOf({ values, columns }: ListRow): Record<string, unknown> {
  const used = new Set<string>(LIST_FIELDS.flatMap((field) => columns[field] ?? []));
  return Object.fromEntries(
    Object.entries(values).filter(
      ([key, value]) => key !== '' && !used.has(key) && value !== '' && value !== null,
    ),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);
