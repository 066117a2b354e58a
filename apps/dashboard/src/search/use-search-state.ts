'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SearchMode } from '../generated/graphql';
import type { PhotoFilter } from '../photos/photo-filter';
import { EMPTY_SEARCH, newPartKey, type Part, type SearchState } from './query';
import { fromSearchParams, toSearchParams } from './query-url';

/** A change of one part's own fields; its kind and key stay. */
export type PartPatch = Partial<Pick<Part, 'weight' | 'negative'>> & {
  text?: string;
  style?: Exclude<Part, { kind: 'text' }>['style'];
  uploadId?: string | null;
};

export type SearchActions = {
  add: (part: Part) => void;
  patch: (key: string, patch: PartPatch) => void;
  remove: (key: string) => void;
  setDatasets: (datasets: readonly string[]) => void;
  setFilter: (filter: PhotoFilter) => void;
  setMode: (mode: SearchMode) => void;
  /** Shows hits below the floor too, or only good matches. */
  setWeak: (weak: boolean) => void;
  /** A new search that keeps only what it is narrowed to; `asStep` makes it one that Back undoes. */
  replaceParts: (parts: readonly Part[]) => void;
  clear: () => void;
};

/**
 * The search that the page holds, kept equal to the address: the address can be sent to a colleague, and Back,
 * Forward and links change the search.
 */
export function useSearchState(): [SearchState, SearchActions] {
  const params = useSearchParams();
  const [state, setState] = useState<SearchState>(() => fromSearchParams(params));
  const written = useRef(params.toString());
  const pushNext = useRef(false);

  // The address changed from outside (Back, a link): read it.
  useEffect(() => {
    if (params.toString() === written.current) return;
    written.current = params.toString();
    setState(fromSearchParams(params));
  }, [params]);

  // The search changed here: write it.
  useEffect(() => {
    const text = toSearchParams(state).toString();
    if (text === written.current) return;
    written.current = text;
    const address = text ? `?${text}` : window.location.pathname;
    window.history[pushNext.current ? 'pushState' : 'replaceState'](null, '', address);
    pushNext.current = false;
  }, [state]);

  // What is weak for one query says nothing about the next.
  const setParts = useCallback(
    (change: (parts: readonly Part[]) => readonly Part[]) =>
      setState((before) => ({ ...before, weak: false, parts: change(before.parts) })),
    [],
  );

  const actions: SearchActions = {
    add: (part) => setParts((parts) => [...parts, part]),
    patch: (key, patch) =>
      setParts((parts) => parts.map((part) => (part.key === key ? ({ ...part, ...patch } as Part) : part))),
    remove: (key) => setParts((parts) => parts.filter((part) => part.key !== key)),
    setDatasets: (datasets) => setState((before) => ({ ...before, datasets })),
    setFilter: (filter) => setState((before) => ({ ...before, filter })),
    setMode: (mode) => setState((before) => ({ ...before, mode })),
    setWeak: (weak) => setState((before) => ({ ...before, weak })),
    replaceParts: (parts) => {
      pushNext.current = true;
      setParts(() => parts);
    },
    clear: () => {
      pushNext.current = true;
      setState(EMPTY_SEARCH);
    },
  };
  return [state, actions];
}

const COMMON = { weight: 1, negative: false } as const;

/** What pushes away should nudge, not rule: half the weight of a part that pulls. A photo tells so sharply what it shows
 *  that a quarter is enough: it goes, and those that only share a subject with it stay. */
const signed = (negative: boolean, weight = 0.5) => (negative ? { negative, weight } : COMMON);

export const newTextPart = (text: string, negative = false): Part => ({
  ...signed(negative),
  key: newPartKey(),
  kind: 'text',
  text,
});
export const newSketchPart = (): Part => ({
  ...COMMON,
  key: newPartKey(),
  kind: 'sketch',
  style: 'AUTO',
  uploadId: null,
});
export const newUploadPart = (): Part => ({ ...newSketchPart(), kind: 'upload' }) as Part;
export const newPhotoPart = (imageId: string, negative = false): Part => ({
  ...signed(negative, 0.25),
  key: newPartKey(),
  kind: 'photo',
  style: 'AUTO',
  imageId,
});
