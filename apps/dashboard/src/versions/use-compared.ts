'use client';

import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import type { Compared, Version } from './version-queries';

/** Which two states are compared, as the address says it: `?from=2&to=3`, and without `to` what there is now. */
export function useCompared(versions: readonly Version[]) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const byNumber = (name: string) =>
    versions.find(({ number }) => String(number) === params.get(name)) ?? null;
  const [newest] = versions;
  const from = byNumber('from') ?? newest;
  const compared: Compared | null = from ? { from, to: byNumber('to') } : null;
  const compare = ({ from, to }: Compared) => {
    const next = new URLSearchParams(params);
    next.set('from', String(from.number));
    if (to) next.set('to', String(to.number));
    else next.delete('to');
    router.replace(`${pathname}?${next}`, { scroll: false });
  };
  return { compared, compare };
}
