import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import {
  detectEncoding,
  ImageDecodeError,
  type ListingFormat,
  listingFormats,
  openImage,
  peekCsv,
} from '@freestyle/core';
import { ValidationError } from '../../../platform/errors.js';
import { JobFailure } from '../../../platform/jobs/job-errors.js';
import type { ImportOptions } from '../import-options.js';
import { type ArchiveLimits, DEFAULT_ARCHIVE_LIMITS } from '../read/archive/archive-limits.js';
import { stagingFolder } from '../read/archive/staging.js';
import type { FetchItem } from '../read/fetch-item.js';
import { ItemRefusal } from '../read/read-source.js';
import { importFormat, type ListingPlan } from './list-items.js';
import type { ListedItem, QueryMetadata } from './listed-item.js';
import { type OpenSource, openSource } from './open-source.js';
import { createImportTally, type ImportPreview, type ImportTally, type ReadList } from './preview.js';

export interface PreviewParts {
  readonly dataDir: string;
  readonly fetchItem: FetchItem;
  readonly archiveLimits?: Partial<ArchiveLimits> | undefined;
}

/** How far a preview looks. A person waits for the answer. */
export const PREVIEW_LIMITS = { items: 20_000, entries: 5000, ms: 4000 } as const;
const CHECKED = 24;
const CHECKED_ADDRESSES = 4;
const TIMEOUT_MS = 20_000;
const ROWS = 8;
const SHOWN_LISTS = 20;
const CELL_LENGTH = 300;
// What may be a list, so its words are needed; of pictures a few are enough.
const LISTS: ReadonlySet<string> = new Set(['.jsonl', '.ndjson', '.json', '.csv', '.tsv', '.txt', '.token']);

/** Looks through a source as an import would, opens some of its pictures, and stores nothing. Of a large one only the
 *  beginning is looked at, and the answer says so.
 *  @throws {ValidationError} where the source cannot be opened at all. */
export async function previewImport(options: ImportOptions, parts: PreviewParts): Promise<ImportPreview> {
  const staging = stagingFolder(parts.dataDir, `preview-${randomUUID()}`);
  const unpacked = new Set<string>();
  const until = performance.now() + PREVIEW_LIMITS.ms;
  let cut = false;
  try {
    const source = await openSource(options, {
      ...parts,
      limits: { ...DEFAULT_ARCHIVE_LIMITS, ...parts.archiveLimits },
      staging,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      goOn(entries) {
        cut = entries >= PREVIEW_LIMITS.entries || performance.now() > until;
        return !cut;
      },
      wanted(path) {
        if (LISTS.has(extname(path).toLowerCase())) return true;
        if (unpacked.size >= CHECKED) return false;
        unpacked.add(path);
        return true;
      },
    });
    const preview = await look(source, options, unpacked, until);
    return { ...preview, partial: preview.partial || cut };
  } catch (error) {
    throw failureOf(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function look(
  source: OpenSource,
  { source: asked }: ImportOptions,
  unpacked: ReadonlySet<string>,
  until: number,
): Promise<ImportPreview> {
  let seen = 0;
  let partial = false;
  const tally = createImportTally();
  const candidates: ListedItem[] = [];
  const photos = new Set<string>();
  const queries: { path: string; target: string }[] = [];
  const limit = asked.kind === 'urls' ? CHECKED_ADDRESSES : CHECKED;
  for await (const item of source.items()) {
    partial = seen >= PREVIEW_LIMITS.items || performance.now() > until;
    if (partial) break;
    seen += 1;
    tally.add(item);
    if (item.refusal !== null) continue;
    const query = item.kind === 'QUERY' ? (item.metadata as QueryMetadata) : null;
    if (query?.target) queries.push({ path: item.path, target: query.target });
    if (query === null) photos.add(item.path);
    if (candidates.length < limit && mayOpen(item, unpacked)) candidates.push(item);
  }
  const checkedCount = await check(candidates, source, tally);
  for (const { path, target } of queries) {
    // Further on it may be.
    if (partial || photos.has(target)) continue;
    const reason = `its target "${target}" is not among the photos here; expected one of them, or of the dataset`;
    tally.problem({ path, code: 'TARGET_MISSING', reason });
  }
  const { plan } = source;
  const peeked = plan?.formats.includes('csv') ? await peekCsv(plan.source, ROWS) : { columns: [], rows: [] };
  return {
    ...tally.result(),
    format: importFormat(plan?.format ?? 'plain'),
    formats: (plan?.formats ?? ['plain' as const]).map(importFormat),
    checkedCount,
    partial,
    columns: peeked.columns.map(short),
    rows: peeked.rows.map((row) => row.map(short)),
    passedOver: plan?.passedOver.result() ?? [],
    lists: plan === null ? [] : await readLists(plan),
  };
}

/** The lists that are read, with their encodings: what was found out, for a person to see whether it is right. */
async function readLists({ source, format }: ListingPlan): Promise<ReadList[]> {
  const listing: ListingFormat = listingFormats[format];
  const lists = await listing.lists?.(source);
  return Promise.all(
    (lists ?? []).slice(0, SHOWN_LISTS).map(async (path) => ({
      path,
      encoding: source.encoding ?? (await detectEncoding(join(source.dir, path))),
    })),
  );
}

const short = (cell: string): string =>
  cell.length > CELL_LENGTH ? `${cell.slice(0, CELL_LENGTH - 1)}…` : cell;

/** Words need no look; of an archive only what was unpacked is there. */
function mayOpen({ kind, path, metadata }: ListedItem, unpacked: ReadonlySet<string>): boolean {
  if (kind === 'QUERY' && (metadata as QueryMetadata).text !== null) return false;
  return unpacked.size === 0 || unpacked.has(path) || [...unpacked].some((name) => name.endsWith(`/${path}`));
}

async function check(items: readonly ListedItem[], source: OpenSource, tally: ImportTally): Promise<number> {
  // One after the other: each may be as large as a picture may be.
  for (const item of items) {
    try {
      const { decode } = await openImage(await source.read({ path: item.path }));
      await decode({ side: 64 });
    } catch (error) {
      if (!(error instanceof ItemRefusal) && !(error instanceof ImageDecodeError)) throw error;
      tally.refuse(item, error.code, error.message);
    }
  }
  return items.length;
}

function failureOf(error: unknown): unknown {
  if (error instanceof JobFailure) return ValidationError.at(['source'], error.message, error);
  if (error instanceof Error && error.name === 'TimeoutError') {
    const reason = 'looking through the source takes too long for a preview; start the import instead';
    return ValidationError.at(['source'], reason, error);
  }
  return error;
}
