import type { QueryPartInput, QueryStyle, SearchMode, SearchQueryInput } from '../generated/graphql';
import { EMPTY_FILTER, type PhotoFilter } from '../photos/photo-filter';

type Common = {
  /** Names the part on this page; the API never sees it. */
  key: string;
  /** How much the part counts; 0 to 2. */
  weight: number;
  /** A negative part pushes its likenesses down. */
  negative: boolean;
};

export type TextPart = Common & { kind: 'text'; text: string };

/** A picture that the person brought: drawn here (`sketch`) or dropped, pasted or picked (`upload`). */
export type PicturePart = Common & {
  kind: 'sketch' | 'upload';
  style: QueryStyle;
  /** Null while the picture is on its way to the server, or nothing has been drawn yet. */
  uploadId: string | null;
};

/** A photo of the gallery as a query: "more like this". */
export type PhotoPart = Common & { kind: 'photo'; style: QueryStyle; imageId: string };

export type Part = TextPart | PicturePart | PhotoPart;

/** A part that says something: its words are there, its picture has arrived. */
export type CompletePart = TextPart | PhotoPart | (PicturePart & { uploadId: string });

/** A whole search as the page holds it. */
export type SearchState = {
  parts: readonly Part[];
  datasets: readonly string[];
  filter: PhotoFilter;
  /** By what texts find photos. */
  mode: SearchMode;
  /** Whether hits below the floor are shown too. */
  weak: boolean;
};

export const EMPTY_SEARCH: SearchState = {
  parts: [],
  datasets: [],
  filter: EMPTY_FILTER,
  mode: 'HYBRID',
  weak: false,
};
export const MAX_WEIGHT = 2;

/** Whether weights and signs mean anything: a part alone gives its own ranking, whatever its weight. */
export const isMixed = (parts: readonly Part[]) => parts.length > 1 || parts.some(({ negative }) => negative);

let nextKey = 0;
/** A key that no other part of this page has. */
export const newPartKey = () => `part-${nextKey++}`;

/** Whether a part says something yet: a blank text and an empty sketch do not take part in the search. */
export function isComplete(part: Part): part is CompletePart {
  if (part.kind === 'text') return part.text.trim() !== '';
  if (part.kind === 'photo') return true;
  return part.uploadId !== null;
}

/** The parts that are sent, positives before negatives, each side in the order of the page. */
export function sentParts(parts: readonly Part[]): { all: CompletePart[]; not: CompletePart[] } {
  const complete = parts.filter(isComplete);
  return { all: complete.filter((part) => !part.negative), not: complete.filter((part) => part.negative) };
}

/** The API's form of a search, or null while there is nothing that it could look for. */
export function toSearchInput(parts: readonly Part[]): SearchQueryInput | null {
  const { all, not } = sentParts(parts);
  if (all.length + not.length === 0) return null;
  return {
    ...(all.length > 0 ? { all: all.map(toPartInput) } : {}),
    ...(not.length > 0 ? { not: not.map(toPartInput) } : {}),
  };
}

function toPartInput(part: CompletePart): QueryPartInput {
  const { weight } = part;
  if (part.kind === 'text') return { like: { text: part.text.trim() }, weight };
  if (part.kind === 'photo') return { like: { imageId: part.imageId }, weight };
  return { like: { image: { uploadId: part.uploadId } }, weight, style: part.style };
}

export type ReportedPart = { index: number; negative: boolean };

/**
 * Finds the page's part behind a part that the API names by index.
 * The API counts positives and negatives in the order in which they were sent.
 */
export function partByReport(
  parts: readonly Part[],
  reports: readonly ReportedPart[],
  { index, negative }: ReportedPart,
): Part | undefined {
  const sameSide = reports.filter((report) => report.negative === negative).sort((a, b) => a.index - b.index);
  const place = sameSide.findIndex((report) => report.index === index);
  const { all, not } = sentParts(parts);
  return (negative ? not : all)[place];
}
