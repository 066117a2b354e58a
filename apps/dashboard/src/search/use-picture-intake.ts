'use client';

import { useEffect, useRef, useState } from 'react';

/** Pictures dropped anywhere on the page or pasted into it; tells whether something is being dragged over. */
export function usePictureIntake(onPictures: (pictures: File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onPictures);
  latest.current = onPictures;

  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    // Enter and leave come for every element on the way; only the balance says whether the page was left.
    let depth = 0;
    const move = (by: number) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      depth = Math.max(0, depth + by);
      setIsOver(depth > 0);
    };
    window.addEventListener('dragenter', move(1), { signal });
    window.addEventListener('dragleave', move(-1), { signal });
    window.addEventListener('dragover', move(0), { signal });
    window.addEventListener(
      'drop',
      (event) => {
        depth = 0;
        setIsOver(false);
        const pictures = picturesIn(event.dataTransfer);
        if (pictures.length === 0) return;
        event.preventDefault();
        latest.current(pictures);
      },
      { signal },
    );
    window.addEventListener(
      'paste',
      (event) => {
        const pictures = picturesIn(event.clipboardData);
        if (pictures.length === 0) return;
        event.preventDefault();
        latest.current(pictures);
      },
      { signal },
    );
    return () => listeners.abort();
  }, []);
  return isOver;
}

function picturesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
}
