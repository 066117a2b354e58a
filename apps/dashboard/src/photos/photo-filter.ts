import type { ImageFilter, ImageState } from '../generated/graphql';

/** Which photos of a dataset are looked at. An empty text in splits, classes and tags means "has none". */
export type PhotoFilter = {
  readonly splits: readonly string[];
  readonly classes: readonly string[];
  readonly tags: readonly string[];
  /** Has a query in one of these styles. */
  readonly styles: readonly string[];
  /** Lacks a query in each of these styles. */
  readonly withoutStyles: readonly string[];
  readonly states: readonly ImageState[];
  /** Longest edge in pixels. */
  readonly minSide: number | null;
  readonly maxSide: number | null;
  /** Days as `2026-01-31`, both included. */
  readonly since: string | null;
  readonly until: string | null;
  readonly caption: string;
  readonly fileName: string;
  readonly hasCaption: boolean | null;
  readonly nearDuplicate: boolean | null;
};

export type ListField = 'splits' | 'classes' | 'tags' | 'styles' | 'withoutStyles' | 'states';

export const EMPTY_FILTER: PhotoFilter = {
  splits: [],
  classes: [],
  tags: [],
  styles: [],
  withoutStyles: [],
  states: [],
  minSide: null,
  maxSide: null,
  since: null,
  until: null,
  caption: '',
  fileName: '',
  hasCaption: null,
  nearDuplicate: null,
};

/** What each field is called in the address. */
const LIST_PARAMS: Record<ListField, string> = {
  splits: 'split',
  classes: 'class',
  tags: 'tag',
  styles: 'style',
  withoutStyles: 'no-style',
  states: 'state',
};
const LIST_FIELDS = Object.keys(LIST_PARAMS) as ListField[];
const SIDE_PARAMS = { minSide: 'min-side', maxSide: 'max-side' } as const;
const DAY_PARAMS = { since: 'since', until: 'until' } as const;
const TEXT_PARAMS = { caption: 'caption', fileName: 'file' } as const;
const SWITCH_PARAMS = { hasCaption: 'has-caption', nearDuplicate: 'near-duplicate' } as const;
const STATES: readonly ImageState[] = ['INDEXED', 'UNINDEXED', 'DELETED'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filter as address parameters, always in the same order, so that equal filters give equal addresses. */
export function toFilterParams(filter: PhotoFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const field of LIST_FIELDS) {
    for (const value of filter[field]) {
      params.append(LIST_PARAMS[field], field === 'states' ? value.toLowerCase() : value);
    }
  }
  for (const [field, name] of entries({ ...SIDE_PARAMS, ...DAY_PARAMS })) {
    const value = filter[field];
    if (value !== null) params.set(name, String(value));
  }
  for (const [field, name] of entries(TEXT_PARAMS)) if (filter[field]) params.set(name, filter[field]);
  for (const [field, name] of entries(SWITCH_PARAMS)) {
    const value = filter[field];
    if (value !== null) params.set(name, value ? 'yes' : 'no');
  }
  return params;
}

/** Reads an address; what is no filter or makes no sense is passed over, so that a shortened link still opens. */
export function fromFilterParams(params: URLSearchParams): PhotoFilter {
  const list = (field: ListField) => [...new Set(params.getAll(LIST_PARAMS[field]))];
  const side = (name: string) => {
    const value = Number(params.get(name));
    return Number.isInteger(value) && value > 0 ? value : null;
  };
  const day = (name: string) => {
    const value = params.get(name) ?? '';
    return DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
  };
  const flag = (name: string) => {
    const value = params.get(name);
    return value === 'yes' ? true : value === 'no' ? false : null;
  };
  return {
    splits: list('splits'),
    classes: list('classes'),
    tags: list('tags'),
    styles: list('styles'),
    withoutStyles: list('withoutStyles'),
    states: STATES.filter((state) => list('states').includes(state.toLowerCase())),
    minSide: side(SIDE_PARAMS.minSide),
    maxSide: side(SIDE_PARAMS.maxSide),
    since: day(DAY_PARAMS.since),
    until: day(DAY_PARAMS.until),
    caption: params.get(TEXT_PARAMS.caption) ?? '',
    fileName: params.get(TEXT_PARAMS.fileName) ?? '',
    hasCaption: flag(SWITCH_PARAMS.hasCaption),
    nearDuplicate: flag(SWITCH_PARAMS.nearDuplicate),
  };
}

/** The filter as the API takes it: only what is set. Days are those of the person's own clock. */
export function toFilterInput(filter: PhotoFilter): ImageFilter {
  const input: ImageFilter = {};
  for (const field of LIST_FIELDS) {
    if (filter[field].length > 0) Object.assign(input, { [field]: [...filter[field]] });
  }
  if (filter.minSide !== null) input.minSide = filter.minSide;
  if (filter.maxSide !== null) input.maxSide = filter.maxSide;
  if (filter.since !== null) input.createdAfter = midnight(filter.since, 0);
  if (filter.until !== null) input.createdBefore = midnight(filter.until, 1);
  if (filter.caption) input.caption = filter.caption;
  if (filter.fileName) input.fileName = filter.fileName;
  if (filter.hasCaption !== null) input.hasCaption = filter.hasCaption;
  if (filter.nearDuplicate !== null) input.nearDuplicate = filter.nearDuplicate;
  return input;
}

/** Two filters are the same when this is. */
export const filterKey = (filter: PhotoFilter) => toFilterParams(filter).toString();

export const isFiltered = (filter: PhotoFilter) => filterKey(filter) !== '';

/** With the value added, or without it where it was there. */
export function toggleValue(filter: PhotoFilter, field: ListField, value: string): PhotoFilter {
  const values: readonly string[] = filter[field];
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  return { ...filter, [field]: next };
}

function midnight(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

const entries = <Names extends object>(names: Names) =>
  Object.entries(names) as [keyof Names, Names[keyof Names] & string][];
