'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useState } from 'react';
import { filterKey, fromFilterParams, type PhotoFilter, toFilterParams } from './photo-filter';

/** `typing` replaces the entry in the browser's history, so that Back does not walk through letters. */
export type SetFilter = (filter: PhotoFilter, how?: 'step' | 'typing') => void;

/** Parameters of a dataset page that are no part of the filter. */
const OTHER_PARAMS = ['tab', 'label', 'as'] as const;

/** The filter of the page, which lives in the address; what is set shows at once, without waiting for the address. */
export function usePhotoFilter(): [PhotoFilter, SetFilter] {
  const params = useSearchParams();
  const [filter, show] = useState(() => fromFilterParams(params));
  // Changed from outside: by Back, by a link. The window's own address is never older than what was set here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parameters say when to look
  useEffect(() => {
    const present = fromFilterParams(new URLSearchParams(window.location.search));
    show((before) => (filterKey(before) === filterKey(present) ? before : present));
  }, [params]);
  const setFilter = useCallback<SetFilter>((next, how = 'step') => {
    show(next);
    const written = toFilterParams(next);
    const present = new URLSearchParams(window.location.search);
    const kept = OTHER_PARAMS.flatMap((name) => present.getAll(name).map((value) => [name, value]));
    const text = new URLSearchParams([...kept, ...written]).toString();
    const address = window.location.pathname + (text ? `?${text}` : '');
    window.history[how === 'typing' ? 'replaceState' : 'pushState'](null, '', address);
  }, []);
  return [filter, setFilter];
}
