'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { fromFilterParams, type PhotoFilter, toFilterParams } from './photo-filter';

/** `typing` replaces the entry in the browser's history, so that Back does not walk through letters. */
export type SetFilter = (filter: PhotoFilter, how?: 'step' | 'typing') => void;

/** Parameters of a dataset page that are no part of the filter. */
const OTHER_PARAMS = ['tab', 'label', 'as'] as const;

/** The filter of the page, which lives in the address and nowhere else. */
export function usePhotoFilter(): [PhotoFilter, SetFilter] {
  const params = useSearchParams();
  const filter = useMemo(() => fromFilterParams(params), [params]);
  const setFilter = useCallback<SetFilter>((next, how = 'step') => {
    const written = toFilterParams(next);
    const present = new URLSearchParams(window.location.search);
    const kept = OTHER_PARAMS.flatMap((name) => present.getAll(name).map((value) => [name, value]));
    const text = new URLSearchParams([...kept, ...written]).toString();
    const address = window.location.pathname + (text ? `?${text}` : '');
    window.history[how === 'typing' ? 'replaceState' : 'pushState'](null, '', address);
  }, []);
  return [filter, setFilter];
}
