import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useRef } from 'react';

/** What a page shows, kept in the address: a view can be sent to a colleague and opens as it was. */
export function useView() {
  const params = useSearchParams();
  const router = useRouter();
  const pathname = usePathname();
  // A second change may come before the address shows the first.
  const latest = useRef<{ shown: typeof params; next: URLSearchParams }>(null);
  if (latest.current?.shown !== params) latest.current = { shown: params, next: new URLSearchParams(params) };
  const current = latest.current;
  const change = (edit: (next: URLSearchParams) => void) => {
    edit(current.next);
    router.replace(`${pathname}?${current.next}`, { scroll: false });
  };
  return {
    get: (name: string) => params.get(name),
    all: (name: string) => params.getAll(name),
    set(name: string, value: string | readonly string[] | null) {
      change((next) => {
        next.delete(name);
        for (const one of value === null ? [] : typeof value === 'string' ? [value] : value)
          next.append(name, one);
      });
    },
    /** Adds a value of a name that may have several, or takes it away. */
    toggle(name: string, value: string) {
      change((next) => (next.has(name, value) ? next.delete(name, value) : next.append(name, value)));
    },
  };
}

/** The metrics that a page may be told by. */
export const METRICS = [
  { value: 'hit@1', label: 'hit@1' },
  { value: 'hit@5', label: 'hit@5' },
  { value: 'hit@10', label: 'hit@10' },
  { value: 'mrr', label: 'MRR' },
  { value: 'recall@10', label: 'recall@10 (class level)' },
  { value: 'map', label: 'mAP (class level)' },
  { value: 'ndcg@10', label: 'nDCG@10 (class level)' },
];

const NAMES: Readonly<Record<string, string>> = { mrr: 'MRR', map: 'mAP', 'ndcg@10': 'nDCG@10' };

/** A metric as the field writes it. */
export const metricName = (metric: string): string => NAMES[metric] ?? metric;
