import { checkStorable, hasControls } from '../../platform/database/text.js';
import { ValidationError } from '../../platform/errors.js';

export const IMAGE_STATES = ['INDEXED', 'UNINDEXED', 'DELETED'] as const;
/** Found by the live model; stored, but not yet found by it; set aside by a curator. */
export type ImageState = (typeof IMAGE_STATES)[number];

/** Which photos of a dataset are meant; every condition that is given must hold. */
export interface ImageFilter {
  /** In these lists the empty text means "has none", and an empty list is no condition. */
  readonly splits?: readonly string[] | null | undefined;
  readonly classes?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Has a query in one of these styles. */
  readonly styles?: readonly string[] | null | undefined;
  /** Has a query in none of these styles. */
  readonly withoutStyles?: readonly string[] | null | undefined;
  /** Without it, everything that is not deleted. */
  readonly states?: readonly ImageState[] | null | undefined;
  /** Bounds of the longest edge in pixels, both inclusive. */
  readonly minSide?: number | null | undefined;
  readonly maxSide?: number | null | undefined;
  /** From this moment on. */
  readonly createdAfter?: Date | null | undefined;
  /** Before this moment. */
  readonly createdBefore?: Date | null | undefined;
  /** One of the captions contains it, whatever its case. */
  readonly caption?: string | null | undefined;
  readonly fileName?: string | null | undefined;
  readonly hasCaption?: boolean | null | undefined;
  /** Looks like another photo of the dataset that is not deleted. */
  readonly nearDuplicate?: boolean | null | undefined;
  /** Ids of rows; an empty list is no condition. */
  readonly datasetIds?: readonly string[] | null | undefined;
  /** Every one of them must hold. */
  readonly attributes?: readonly AttributeCondition[] | null | undefined;
  /** Every one of these filters holds; at least one of them; this one does not. */
  readonly and?: readonly ImageFilter[] | null | undefined;
  readonly or?: readonly ImageFilter[] | null | undefined;
  readonly not?: ImageFilter | null | undefined;
}

/** The attribute has one of these values, compared as text; any value at all where none is named. */
export interface AttributeCondition {
  readonly name: string;
  readonly values?: readonly string[] | null | undefined;
}

const LISTS = ['splits', 'classes', 'tags', 'styles', 'withoutStyles'] as const;
// More than anybody ticks, and little enough to stay a condition and not become a list of photos.
const MAX_VALUES = 500;
const MAX_TEXT = 500;
const MAX_DEPTH = 4;
const MAX_BRANCHES = 20;

/** The filter without conditions that say nothing.
 *  @param path leads to it in the caller's arguments. @throws {ValidationError} */
export function checkFilter(
  filter: ImageFilter | null | undefined,
  path: readonly string[] = ['filter'],
  depth = 0,
): ImageFilter {
  if (!filter) return {};
  if (depth > MAX_DEPTH) throw ValidationError.at(path, `expected filters at most ${MAX_DEPTH} deep`);
  for (const name of LISTS) checkList(filter[name], [...path, name]);
  checkSides(filter, path);
  const { createdAfter, createdBefore } = filter;
  if (createdAfter && createdBefore && createdAfter >= createdBefore) {
    throw ValidationError.at([...path, 'createdBefore'], 'expected a later moment than createdAfter');
  }
  const said = {
    ...filter,
    caption: checkText(filter.caption, [...path, 'caption']),
    fileName: checkText(filter.fileName, [...path, 'fileName']),
    attributes: checkAttributes(filter.attributes, [...path, 'attributes']),
    and: checkBranches(filter.and, [...path, 'and'], depth),
    or: checkBranches(filter.or, [...path, 'or'], depth),
    not: filter.not ? checkFilter(filter.not, [...path, 'not'], depth + 1) : undefined,
  };
  return Object.fromEntries(
    Object.entries(said).filter(
      ([, value]) =>
        value !== null &&
        value !== undefined &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function checkBranches(
  branches: readonly ImageFilter[] | null | undefined,
  path: readonly string[],
  depth: number,
): ImageFilter[] {
  const given = branches ?? [];
  if (given.length > MAX_BRANCHES) {
    throw ValidationError.at(path, `expected at most ${MAX_BRANCHES} filters, got ${given.length}`);
  }
  return given.map((one, i) => checkFilter(one, [...path, String(i)], depth + 1));
}

function checkAttributes(
  attributes: readonly AttributeCondition[] | null | undefined,
  path: readonly string[],
): AttributeCondition[] {
  for (const [i, { name, values }] of (attributes ?? []).entries()) {
    checkStorable(name, [...path, String(i), 'name']);
    checkList(values, [...path, String(i), 'values']);
  }
  return [...(attributes ?? [])];
}

function checkList(values: readonly string[] | null | undefined, path: readonly string[]): void {
  if (!values) return;
  if (values.length > MAX_VALUES) {
    throw ValidationError.at(path, `expected at most ${MAX_VALUES} values, got ${values.length}`);
  }
  for (const [i, value] of values.entries()) checkStorable(value, [...path, String(i)]);
}

/** Text to look for, without the space around it. */
function checkText(text: string | null | undefined, path: readonly string[]): string | null {
  if (text === null || text === undefined) return null;
  if (text.length > MAX_TEXT) {
    throw ValidationError.at(path, `expected at most ${MAX_TEXT} characters, got ${text.length}`);
  }
  if (hasControls(text)) throw ValidationError.at(path, 'expected text without control characters');
  return text.trim();
}

function checkSides({ minSide, maxSide }: ImageFilter, path: readonly string[]): void {
  for (const [name, side] of Object.entries({ minSide, maxSide })) {
    if (typeof side === 'number' && side < 1) {
      throw ValidationError.at([...path, name], `expected at least 1 pixel, got ${side}`);
    }
  }
  if (typeof minSide === 'number' && typeof maxSide === 'number' && minSide > maxSide) {
    throw ValidationError.at([...path, 'maxSide'], `expected at least minSide, ${minSide}, got ${maxSide}`);
  }
}
