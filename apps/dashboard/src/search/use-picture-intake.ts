'use client';

import { useEffect, useRef, useState } from 'react';

type Intake = {
  onPictures: (pictures: File[]) => void;
  /** Files were dropped, and none of them is a picture. */
  onOthers: (files: File[]) => void;
};

/** Pictures dropped anywhere on the page or pasted into it; tells whether something is being dragged over. */
export function usePictureIntake(intake: Intake): boolean {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(intake);
  latest.current = intake;

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
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length === 0) return;
        // The browser would leave the page to show the file.
        event.preventDefault();
        const pictures = files.filter(isPicture);
        if (pictures.length > 0) latest.current.onPictures(pictures);
        else latest.current.onOthers(files);
      },
      { signal },
    );
    window.addEventListener(
      'paste',
      (event) => {
        const pictures = [...(event.clipboardData?.files ?? [])].filter(isPicture);
        if (pictures.length === 0) return;
        event.preventDefault();
        latest.current.onPictures(pictures);
      },
      { signal },
    );
    return () => listeners.abort();
  }, []);
  return isOver;
}

/** Browsers name no type for formats that they cannot show; the server judges what ends like a picture. */
const isPicture = ({ type, name }: File) =>
  type.startsWith('image/') || (type === '' && /\.(avif|heic|heif|jxl|tiff?)$/i.test(name));
