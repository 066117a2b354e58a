import { usePathname, useRouter, useSearchParams } from 'next/navigation';

/** What a page shows, kept in the address: a view can be sent to a colleague and opens as it was. */
export function useView() {
  const params = useSearchParams();
  const router = useRouter();
  const pathname = usePathname();
  return {
    get: (name: string) => params.get(name),
    all: (name: string) => params.getAll(name),
    set(name: string, value: string | readonly string[] | null) {
      const next = new URLSearchParams(params);
      next.delete(name);
      for (const one of value === null ? [] : typeof value === 'string' ? [value] : value)
        next.append(name, one);
      router.replace(`${pathname}?${next}`, { scroll: false });
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
