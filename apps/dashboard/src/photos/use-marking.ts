'use client';

import { notifications } from '@mantine/notifications';
import { useRef, useState } from 'react';
import { asApiError } from '../api/errors';
import { formatCount } from '../ui/format';
import { EVERYTHING, mark, markAll, NOTHING, type Selection } from './selection';
import { LONGEST_STRETCH, type PhotoWindow } from './use-photo-window';

export type Marking = ReturnType<typeof useMarking>;

/** Which photos are marked, and where a stretch of them begins. */
export function useMarking() {
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [hasAnchor, setHasAnchor] = useState(false);
  const anchor = useRef(0);

  const setAnchor = (index: number) => {
    anchor.current = index;
    setHasAnchor(true);
  };
  const clear = () => {
    setSelection(NOTHING);
    setHasAnchor(false);
  };
  return {
    selection,
    hasAnchor,
    setAnchor,
    clear,
    toggle(id: string, index: number) {
      setAnchor(index);
      setSelection((before) => mark(before, id));
    },
    /** Marks from where the last mark was made to this place, photos that were never in sight too. */
    async markTo(index: number, photos: Pick<PhotoWindow, 'idsBetween'>) {
      const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      if (to - from >= LONGEST_STRETCH) {
        notifications.show({
          title: `A stretch ends after ${formatCount(LONGEST_STRETCH)} photos`,
          message: 'For more, filter for them and mark everything behind the filter.',
        });
        return;
      }
      try {
        const ids = await photos.idsBetween(from, to);
        setHasAnchor(true);
        setSelection((before) => markAll(before, ids));
      } catch (error) {
        const { message, code } = asApiError(error);
        notifications.show({ title: 'Not marked', message: `${message} (${code})`, color: 'red' });
      }
    },
    markEverything: () => setSelection(EVERYTHING),
  };
}
