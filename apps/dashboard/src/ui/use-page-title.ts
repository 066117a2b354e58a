import { useIsomorphicEffect } from '@mantine/hooks';

const PRODUCT = 'Freestyle';

/** Names the browser's tab after what the page shows, or after the product where that is nothing (''); undefined, while it
 *  is not known, leaves the title. Next writes the title of the route whenever its own answer arrives, also after this, so
 *  the head is watched. */
export function usePageTitle(name: string | undefined): void {
  // Let go before the next page is painted: its title is not to be held off.
  useIsomorphicEffect(() => {
    if (name === undefined) return;
    const title = name === '' ? PRODUCT : `${name} · ${PRODUCT}`;
    const write = () => {
      if (document.title !== title) document.title = title;
    };
    write();
    const observer = new MutationObserver(write);
    observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => observer.disconnect();
  }, [name]);
}
