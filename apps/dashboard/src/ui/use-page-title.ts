import { useIsomorphicEffect } from '@mantine/hooks';

/** Names the browser's tab after what the page shows, once that is known. Next writes the title of the route whenever its
 *  own answer arrives, also after this, so the head is watched. */
export function usePageTitle(name: string | undefined): void {
  useIsomorphicEffect(() => {
    if (!name) return;
    const title = `${name} · Freestyle`;
    const write = () => {
      if (document.title !== title) document.title = title;
    };
    write();
    const observer = new MutationObserver(write);
    observer.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => observer.disconnect();
  }, [name]);
}
