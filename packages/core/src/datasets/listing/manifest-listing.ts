import { join } from 'node:path';
import type { DatasetRecord } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import { parseManifestLine } from '../manifest-record.js';
import { MANIFEST_NAME } from '../read-dataset-folder.js';
import { createFileLookup, type FileLookup } from './file-lookup.js';
import { type ListingEntry, type ListingFormat, type ListingSource, problem } from './listing.js';
import { MAX_LINE_LENGTH, readLines } from './read-lines.js';

/** Our own dataset folder. It is read twice, so that photos come first and nothing is kept in memory but names. */
export const manifestListing: ListingFormat = {
  layout: 'manifest.jsonl with one image or query a line',
  recognises: ({ files }) => files.includes(MANIFEST_NAME),
  lists: () => [MANIFEST_NAME],
  async *list(source) {
    const lookup = createFileLookup(source.files);
    yield* pass(source, 'image', lookup);
    yield* pass(source, 'query', lookup);
  },
};

/** A name as the disk has it: one written in another Unicode form, case or ending is still that file. */
function onDisk(name: string, lookup: FileLookup): string {
  const found = lookup(name, '');
  return found.kind === 'found' ? found.file : name;
}

async function* pass(
  { dir, encoding }: ListingSource,
  kind: DatasetRecord['kind'],
  lookup: FileLookup,
): AsyncGenerator<ListingEntry> {
  const seen = new Map<string, number>();
  for await (const { line, text } of readLines(join(dir, MANIFEST_NAME), encoding)) {
    const place = `${MANIFEST_NAME}:${line}`;
    const read = text === null ? tooLong(place) : text.trim() === '' ? null : parse(text, dir, line);
    if (read === null) continue;
    if (read.kind === 'problem') {
      // Told once, in the first pass.
      if (kind === 'image') yield read;
      continue;
    }
    if (read.kind !== kind) continue;
    if (read.kind === 'image') {
      const earlier = seen.get(read.file);
      if (earlier !== undefined) {
        yield problem(place, 'DUPLICATE_IMAGE', `${read.file} already stands in line ${earlier}`);
        continue;
      }
      seen.set(read.file, line);
    }
    const { path: _path, ...record } = { path: '', ...read };
    const files = {
      ...('file' in record && { file: onDisk(record.file, lookup) }),
      ...('target' in record && record.target !== undefined && { target: onDisk(record.target, lookup) }),
    };
    yield { ...withTags({ ...record, ...files }), place };
  }
}

function parse(text: string, dir: string, line: number) {
  try {
    return parseManifestLine(text, dir, { manifest: MANIFEST_NAME, line });
  } catch (error) {
    if (error instanceof DatasetError) return problem(`${MANIFEST_NAME}:${line}`, error.code, error.message);
    throw error;
  }
}

// The format keeps unknown keys as attributes; tags are one that a gallery knows.
function withTags<T extends Pick<DatasetRecord, 'kind' | 'attributes'>>(record: T): T {
  const { tags, ...attributes } = record.attributes;
  const isList = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  return record.kind === 'image' && isList ? { ...record, attributes, tags } : record;
}

const tooLong = (place: string) =>
  problem(
    place,
    'BAD_RECORD',
    `the line is longer than ${MAX_LINE_LENGTH} characters; expected one JSON object`,
  );
