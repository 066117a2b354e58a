import type { Change } from './repository.js';

/** One line for people: what a change did, to how many photos. */
export function describeChange({ kind, input, count }: Pick<Change, 'kind' | 'input' | 'count'>): string {
  const photos = count === 1 ? '1 photo' : `${count.toLocaleString('en')} photos`;
  const said = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const steps: Readonly<Record<string, () => string>> = {
    ADD_TAGS: () => `${names('tag', said.addTags)} added to ${photos}`,
    REMOVE_TAGS: () => `${names('tag', said.removeTags)} removed from ${photos}`,
    SET_SPLIT: () => moved(photos, 'split', said.split),
    SET_CLASS: () => moved(photos, 'class', said.class),
    SET_CAPTIONS: () => `Captions of ${photos} edited`,
    DELETE: () => `${photos} deleted`,
    RESTORE: () => `${photos} restored`,
    EDIT: () => `${edited(said)} of ${photos} changed`,
  };
  return steps[kind]?.() ?? `${photos} changed`;
}

const list = (values: unknown): string[] =>
  Array.isArray(values) ? values.map((one) => `“${String(one)}”`) : [];

function names(what: string, values: unknown): string {
  const quoted = list(values);
  const noun = `${what.charAt(0).toUpperCase()}${what.slice(1)}${quoted.length === 1 ? '' : 's'}`;
  return `${noun} ${quoted.join(', ')}`;
}

// An input without a value is one that gave each photo its own.
function moved(photos: string, what: 'split' | 'class', value: unknown): string {
  if (typeof value === 'string') return `${photos} moved to ${what} “${value}”`;
  return value === null ? `${photos} taken out of their ${what}` : `${photos} given a ${what}`;
}

function edited(said: Readonly<Record<string, unknown>>): string {
  const fields = [
    ...(said.addTags || said.removeTags ? ['tags'] : []),
    ...(said.split === undefined ? [] : ['split']),
    ...(said.class === undefined ? [] : ['class']),
    ...(said.captions === undefined ? [] : ['captions']),
  ];
  const text = fields.join(' and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
