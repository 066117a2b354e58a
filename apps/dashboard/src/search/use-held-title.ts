'use client';

import { useIsomorphicEffect } from '@mantine/hooks';

/** Keeps the tab's title, also when Next puts a page's static one in place late, after what is on the page set its own. */
export function useHeldTitle(title: string): void {
  // Let go before the next page is painted: its title is not to be held off.
  useIsomorphicEffect(() => {
    const hold = () => {
      if (document.title !== title) document.title = title;
    };
    hold();
    const observer = new MutationObserver(hold);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [title]);
}
