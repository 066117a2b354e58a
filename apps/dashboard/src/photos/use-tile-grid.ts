'use client';

import { useElementSize } from '@mantine/hooks';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

const GAP = 8;
/** Below the picture: one line of words. */
const LINE = 24;
const SHAPE = 3 / 4;
const NARROW = 520;
const SMALLEST_TILE = { narrow: 104, wide: 158 } as const;

/** Rows of equal tiles over the whole page's height, of which only those in sight exist. */
export function useTileGrid(total: number, currentIndex: number) {
  const { ref: sizeRef, width } = useElementSize<HTMLUListElement>();
  const listRef = useRef<HTMLUListElement | null>(null);
  const [top, setTop] = useState(0);
  const smallest = width < NARROW ? SMALLEST_TILE.narrow : SMALLEST_TILE.wide;
  const columns = Math.max(2, Math.floor((width + GAP) / (smallest + GAP)));
  const tileWidth = Math.max(0, (width - GAP * (columns - 1)) / columns);
  const rowHeight = Math.round(tileWidth * SHAPE) + LINE + GAP;
  const rows = width > 0 ? Math.ceil(total / columns) : 0;
  const currentRow = Math.floor(currentIndex / columns);

  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => rowHeight,
    overscan: 3,
    scrollMargin: top,
    // The tile that has the keyboard stays, however far the wheel goes.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      if (seen.includes(currentRow) || currentRow >= rows) return seen;
      return [...seen, currentRow].sort((one, other) => one - other);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are computed anew when the row's height is another
  useLayoutEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
  // What stands above the list may grow and shrink (chips, notices), so its place is looked up after each render.
  useLayoutEffect(() => {
    const box = listRef.current?.getBoundingClientRect();
    if (box) setTop(Math.round(box.top + window.scrollY));
  });

  // One and the same function: another one would make the size be observed anew with each render.
  const setList = useCallback(
    (element: HTMLUListElement | null) => {
      listRef.current = element;
      sizeRef(element);
    },
    [sizeRef],
  );
  const virtualRows = virtualizer.getVirtualItems();
  const { startIndex: firstRow, endIndex: lastRow } = virtualizer.range ?? { startIndex: 0, endIndex: 0 };
  return {
    setList,
    columns,
    tileWidth,
    pictureHeight: Math.round(tileWidth * SHAPE),
    isMeasured: width > 0,
    height: rows * rowHeight,
    virtualRows: virtualRows.map(({ index, start }) => ({ row: index, y: start - top })),
    firstIndex: firstRow * columns,
    lastIndex: Math.min(total - 1, lastRow * columns + columns - 1),
    scrollToIndex: (index: number) =>
      virtualizer.scrollToIndex(Math.floor(index / columns), { align: 'auto' }),
    leftOf: (column: number) => column * (tileWidth + GAP),
  };
}
