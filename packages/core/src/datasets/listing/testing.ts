import { listFiles } from '../file-index.js';
import { type FixtureFiles, makeFixtureFolder } from '../fixture-folder.js';
import type { ListColumns, ListingEntry, ListingSource } from './listing.js';
import { type ListingFormatName, listingFormats, recogniseListing } from './listing-formats.js';

/** Writes a fixture folder and looks at it as an import does. @returns how to remove it as well. */
export async function fixtureSource(files: FixtureFiles, options: Partial<ListingSource> = {}) {
  const { dir, remove } = await makeFixtureFolder(files);
  const source: ListingSource = { dir, files: (await listFiles(dir)).files, ...options };
  return { source, remove };
}

/** Everything that a format lists of a folder. */
export async function listAll(source: ListingSource, format: ListingFormatName): Promise<ListingEntry[]> {
  const entries: ListingEntry[] = [];
  for await (const entry of listingFormats[format].list(source)) entries.push(entry);
  return entries;
}

/** What the most telling format lists, sorted by kind; problems as `place code`. */
export async function listBest(source: ListingSource, columns?: ListColumns) {
  const asked = columns === undefined ? source : { ...source, columns };
  const [format = 'plain'] = await recogniseListing(asked);
  const entries = await listAll(asked, format);
  const problems = entries.flatMap((entry) => (entry.kind === 'problem' ? [entry] : []));
  return {
    format,
    photos: entries.flatMap((entry) => (entry.kind === 'image' ? [entry] : [])),
    queries: entries.flatMap((entry) => (entry.kind === 'query' ? [entry] : [])),
    problems: problems.map(({ place, code }) => `${place} ${code}`),
    reasons: problems.map(({ reason }) => reason),
    kinds: entries.filter(({ kind }) => kind !== 'problem').map(({ kind }) => kind),
  };
}
