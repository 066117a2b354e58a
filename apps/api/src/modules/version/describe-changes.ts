import type { VersionState } from './diff-repository.js';

/** One field of an entry that differs, as text; null where it is not set. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What is compared, in the order in which it is shown. */
const FIELDS: readonly string[] = [
  'file',
  'captions',
  'class',
  'split',
  'tags',
  'style',
  'text',
  'target',
  'maker',
  'strength',
  'seed',
  'origin',
];

/** The fields in which two states differ: lists with an item a line, attributes each by its own name. */
export function describeChanges(before: VersionState | null, after: VersionState | null): FieldChange[] {
  if (before === null || after === null) return [];
  const changes: FieldChange[] = [];
  const compare = (field: string, one: string | null, other: string | null) => {
    if (one !== other) changes.push({ field, before: one, after: other });
  };
  compare('picture', before.contentHash, after.contentHash);
  for (const field of FIELDS) compare(field, textOf(before.record[field]), textOf(after.record[field]));
  // Shows only where the photo of the same name became another one.
  if (before.record.target === after.record.target) {
    compare('target picture', textOf(before.record.targetHash), textOf(after.record.targetHash));
  }
  const [old, fresh] = [attributesOf(before), attributesOf(after)];
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    compare(`attribute ${name}`, textOf(old[name]), textOf(fresh[name]));
  }
  return changes;
}

const attributesOf = ({ record }: VersionState): Record<string, unknown> =>
  typeof record.attributes === 'object' && record.attributes !== null ? { ...record.attributes } : {};

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(textOf).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
