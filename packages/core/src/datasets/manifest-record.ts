import { isAbsolute, join, posix } from 'node:path';
import type { DatasetRecord, ImageRecord, QueryRecord } from './dataset.js';
import { DatasetError, type DatasetErrorCode } from './dataset-error.js';
import { shown } from './shown.js';

/** Where a record stands, for messages: `manifest.jsonl:12`. */
export interface ManifestPlace {
  readonly manifest: string;
  readonly line: number;
}

type Fields = Readonly<Record<string, unknown>>;

const IMAGE_KEYS = new Set(['kind', 'file', 'captions', 'class', 'split']);
const QUERY_KEYS = new Set(['kind', 'style', 'file', 'text', 'target', 'class', 'split']);

/** Parses one line of a manifest. Looks at nothing outside the line.
 *  @param dir the folder that paths are relative to. @throws {DatasetError} that names file, line and field. */
export function parseManifestLine(text: string, dir: string, place: ManifestPlace): DatasetRecord {
  const fields = parseJson(text, place);
  switch (fields.kind) {
    case 'image':
      return parseImage(fields, dir, place);
    case 'query':
      return parseQuery(fields, dir, place);
    default:
      throw fail('UNKNOWN_KIND', place, `"kind": expected "image" or "query", got ${shown(fields.kind)}`);
  }
}

function parseJson(text: string, place: ManifestPlace): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail('BAD_JSON', place, `expected one JSON object, got ${shown(text)}: ${reason}`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('BAD_RECORD', place, `expected a JSON object, got ${shown(value)}`);
  }
  return value as Fields;
}

function parseImage(fields: Fields, dir: string, place: ManifestPlace): ImageRecord {
  const file = pathField(fields, 'file', place);
  if (file === undefined) throw fail('BAD_RECORD', place, 'an image needs "file"');
  return {
    kind: 'image',
    file,
    path: join(dir, file),
    captions: captionsField(fields, place),
    ...labels(fields, place),
    attributes: rest(fields, IMAGE_KEYS),
  };
}

function parseQuery(fields: Fields, dir: string, place: ManifestPlace): QueryRecord {
  const style = textField(fields, 'style', place);
  if (style === undefined) throw fail('BAD_RECORD', place, 'a query needs "style"');
  const file = pathField(fields, 'file', place);
  const text = textField(fields, 'text', place);
  const target = pathField(fields, 'target', place);
  const common = {
    kind: 'query' as const,
    style,
    ...(target === undefined ? {} : { target }),
    ...labels(fields, place),
    attributes: rest(fields, QUERY_KEYS),
  };
  if (file !== undefined && text === undefined) return { ...common, file, path: join(dir, file) };
  if (text !== undefined && file === undefined) return { ...common, text };
  throw fail(
    'BAD_RECORD',
    place,
    `a query needs "file" or "text", got ${file === undefined ? 'neither' : 'both'}`,
  );
}

function labels(fields: Fields, place: ManifestPlace): { class?: string; split?: string } {
  const label = textField(fields, 'class', place);
  const split = textField(fields, 'split', place);
  return { ...(label === undefined ? {} : { class: label }), ...(split === undefined ? {} : { split }) };
}

function captionsField(fields: Fields, place: ManifestPlace): string[] {
  const value = fields.captions ?? [];
  if (!Array.isArray(value))
    throw fail('BAD_RECORD', place, `"captions": expected a list, got ${shown(value)}`);
  return value.map((caption: unknown, i) => {
    if (typeof caption === 'string' && caption.trim() !== '') return caption;
    throw fail('BAD_RECORD', place, `"captions"[${i}]: expected words, got ${shown(caption)}`);
  });
}

function textField(fields: Fields, key: string, place: ManifestPlace): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw fail('BAD_RECORD', place, `"${key}": expected a text that is not empty, got ${shown(value)}`);
}

function pathField(fields: Fields, key: string, place: ManifestPlace): string | undefined {
  const value = textField(fields, key, place);
  if (value === undefined) return undefined;
  if (value.includes('\0')) throw fail('BAD_RECORD', place, `"${key}": a path cannot hold a zero byte`);
  if (value.includes('\\')) throw fail('BAD_RECORD', place, `"${key}": paths use "/", got ${shown(value)}`);
  const path = posix.normalize(value);
  if (posix.isAbsolute(path) || isAbsolute(path) || path === '..' || path.startsWith('../')) {
    throw fail('PATH_OUTSIDE', place, `"${key}": ${shown(value)} leaves the dataset's folder`);
  }
  return path;
}

const rest = (fields: Fields, known: ReadonlySet<string>): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !known.has(key)));

function fail(code: DatasetErrorCode, place: ManifestPlace, what: string, cause?: unknown): DatasetError {
  return new DatasetError(code, `${place.manifest}:${place.line}: ${what}`, { ...place }, cause);
}
