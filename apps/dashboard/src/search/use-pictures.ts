'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { uploadPicture } from '../api/client';
import { asApiError } from '../api/errors';
import { shrinkPicture } from './shrink-picture';
import type { SearchActions } from './use-search-state';

/** What the page knows of a picture on its way: shown at once, before the server has it. */
export type LocalPicture = { previewUrl: string; isSending: boolean; error: string | null };

/**
 * Sends pictures of parts to the server. A newer picture of the same part aborts the older one, so a sketch
 * never jumps back.
 */
export function usePictures(patch: SearchActions['patch']) {
  const [pictures, setPictures] = useState<Readonly<Record<string, LocalPicture>>>({});
  const running = useRef(new Map<string, AbortController>());
  const urls = useRef(new Set<string>());

  useEffect(
    () => () => {
      for (const controller of running.current.values()) controller.abort();
      for (const url of urls.current) URL.revokeObjectURL(url);
    },
    [],
  );

  const note = useCallback((key: string, change: Partial<LocalPicture>) => {
    setPictures((before) => {
      const old = before[key] ?? { previewUrl: '', isSending: false, error: null };
      return { ...before, [key]: { ...old, ...change } };
    });
  }, []);

  const drop = useCallback((key: string) => {
    running.current.get(key)?.abort();
    running.current.delete(key);
    setPictures(({ [key]: _, ...rest }) => rest);
  }, []);

  const send = useCallback(
    async (key: string, picture: Blob) => {
      running.current.get(key)?.abort();
      const controller = new AbortController();
      running.current.set(key, controller);
      const previewUrl = URL.createObjectURL(picture);
      urls.current.add(previewUrl);
      note(key, { previewUrl, isSending: true, error: null });
      try {
        const { uploadId } = await uploadPicture(await shrinkPicture(picture), controller.signal);
        if (controller.signal.aborted) return;
        patch(key, { uploadId });
        note(key, { isSending: false });
      } catch (error) {
        if (controller.signal.aborted) return;
        note(key, { isSending: false, error: asApiError(error).message });
      }
    },
    [note, patch],
  );

  return { pictures, send, drop };
}
