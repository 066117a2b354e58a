'use client';

import { useEffect, useRef, useState } from 'react';

/** Which hit is shown large. The view is a step of the history, so that Back closes it and stays in the search. */
export function useOpenHit() {
  const [index, setIndex] = useState<number | null>(null);
  const lastSeen = useRef(0);
  const isOpen = index !== null;
  useEffect(() => {
    if (!isOpen) return;
    const onBack = () => setIndex(null);
    window.addEventListener('popstate', onBack);
    return () => window.removeEventListener('popstate', onBack);
  }, [isOpen]);

  const move = (to: number) => {
    lastSeen.current = to;
    setIndex(to);
  };
  return {
    index,
    move,
    open: (at: number) => {
      window.history.pushState(null, '', window.location.href);
      move(at);
    },
    close: () => {
      setIndex(null);
      window.history.back();
    },
    /** Closes the view for a search that takes its step in the history; the focus goes to the first hit. */
    closeInto: (change: () => void) => {
      setIndex(null);
      lastSeen.current = 0;
      change();
    },
    /** Goes on by keyboard where the view was left. */
    focusLastSeen: () =>
      document.querySelectorAll<HTMLElement>('[data-results] li button')[lastSeen.current]?.focus(),
  };
}
