import { hasControls } from '../../platform/database/text.js';
import { ValidationError } from '../../platform/errors.js';

/** What shall become of photos. Absent fields stay as they are. */
export interface Edit {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  /** Null for none. */
  readonly split?: string | null;
  /** Null for none. */
  readonly class?: string | null;
  readonly captions?: readonly string[];
  /** True sets aside, false brings back. */
  readonly deleted?: boolean;
}

export type ChangeKind =
  | 'ADD_TAGS'
  | 'REMOVE_TAGS'
  | 'SET_SPLIT'
  | 'SET_CLASS'
  | 'SET_CAPTIONS'
  | 'DELETE'
  | 'RESTORE'
  | 'EDIT';

export interface EditInput {
  readonly addTags?: readonly string[] | null | undefined;
  readonly removeTags?: readonly string[] | null | undefined;
  /** Empty for none. */
  readonly split?: string | null | undefined;
  readonly class?: string | null | undefined;
  readonly delete?: boolean | null | undefined;
  readonly restore?: boolean | null | undefined;
}

const MAX_NAME = 200;
const MAX_TAGS = 50;
const MAX_CAPTIONS = 100;
/** As many characters as a caption may have. */
export const MAX_CAPTION = 10_000;

/** @throws {ValidationError} for an edit that says nothing, two opposite things, or names nobody could mean. */
export function checkEdit(input: EditInput): Edit {
  const removal = input.delete === true || input.restore === true;
  if (input.delete && input.restore) {
    throw ValidationError.at(['input', 'restore'], 'expected either delete or restore, got both');
  }
  const addTags = checkTags(input.addTags, 'addTags');
  const removeTags = checkTags(input.removeTags, 'removeTags');
  const both = addTags.find((tag) => removeTags.includes(tag));
  if (both !== undefined) {
    throw ValidationError.at(['input', 'removeTags'], `"${both}" is to be added and to be removed`);
  }
  const edit: Edit = {
    ...(addTags.length > 0 && { addTags }),
    ...(removeTags.length > 0 && { removeTags }),
    ...(typeof input.split === 'string' && { split: checkName(input.split, 'split') }),
    ...(typeof input.class === 'string' && { class: checkName(input.class, 'class') }),
  };
  if (removal && Object.keys(edit).length > 0) {
    throw ValidationError.at(
      ['input', input.delete ? 'delete' : 'restore'],
      'expected nothing else beside it; make two changes, so that each can be undone',
    );
  }
  if (removal) return { deleted: input.delete === true };
  if (Object.keys(edit).length === 0) {
    throw ValidationError.at(
      ['input'],
      'expected something to change: addTags, removeTags, split, class, delete or restore',
    );
  }
  return edit;
}

/** @throws {ValidationError} */
export function checkCaptions(captions: readonly string[]): string[] {
  if (captions.length > MAX_CAPTIONS) {
    throw ValidationError.at(
      ['captions'],
      `expected at most ${MAX_CAPTIONS} captions, got ${captions.length}`,
    );
  }
  return captions.map((caption, i) => {
    const path = ['captions', String(i)];
    const text = caption.trim();
    if (text === '') throw ValidationError.at(path, 'expected words; leave an empty caption out');
    if (text.length > MAX_CAPTION) {
      throw ValidationError.at(path, `expected at most ${MAX_CAPTION} characters, got ${text.length}`);
    }
    if (hasControls(text)) throw ValidationError.at(path, 'expected text without control characters');
    return text;
  });
}

function checkTags(tags: readonly string[] | null | undefined, name: string): string[] {
  if (!tags) return [];
  if (tags.length > MAX_TAGS) {
    throw ValidationError.at(['input', name], `expected at most ${MAX_TAGS} tags, got ${tags.length}`);
  }
  const named = tags.map((tag, i) => {
    const text = checkName(tag, name, String(i));
    if (text === null) throw ValidationError.at(['input', name, String(i)], 'expected a tag, got no text');
    return text;
  });
  return [...new Set(named)];
}

/** A name without the space around it, or null for an empty one. */
function checkName(text: string, ...path: string[]): string | null {
  const name = text.trim();
  if (name.length > MAX_NAME) {
    throw ValidationError.at(
      ['input', ...path],
      `expected at most ${MAX_NAME} characters, got ${name.length}`,
    );
  }
  if (hasControls(name) || /[\r\n\t]/.test(name)) {
    throw ValidationError.at(['input', ...path], 'expected a single line without control characters');
  }
  return name === '' ? null : name;
}

/** What to call a change that does this. */
export function kindOf(edit: Edit): ChangeKind {
  const kinds: ChangeKind[] = [
    ...(edit.addTags ? ['ADD_TAGS' as const] : []),
    ...(edit.removeTags ? ['REMOVE_TAGS' as const] : []),
    ...(edit.split === undefined ? [] : ['SET_SPLIT' as const]),
    ...(edit.class === undefined ? [] : ['SET_CLASS' as const]),
    ...(edit.captions ? ['SET_CAPTIONS' as const] : []),
    ...(edit.deleted === undefined ? [] : [edit.deleted ? ('DELETE' as const) : ('RESTORE' as const)]),
  ];
  const [only, ...others] = kinds;
  return only === undefined || others.length > 0 ? 'EDIT' : only;
}
