'use client';

import { useCallback, useReducer } from 'react';
import type { Stroke } from './strokes';

/** What is on the paper: strokes, over the earlier sketch that the drawing began with unless it was cleared away. */
export type Sheet = { strokes: readonly Stroke[]; hasBase: boolean };

/** The paper as it is, was and would be again; `clear` is a step of its own that can be undone too. */
export type Drawing = { sheet: Sheet; past: readonly Sheet[]; future: readonly Sheet[] };

type Action = { type: 'draw'; stroke: Stroke } | { type: 'undo' } | { type: 'redo' } | { type: 'clear' };

/** A drawing not yet begun, on an earlier sketch or on empty paper. */
export const newDrawing = (hasBase: boolean): Drawing => ({
  sheet: { strokes: [], hasBase },
  past: [],
  future: [],
});

/** The next drawing; steps that cannot be taken (undo with nothing done) leave it as it is. */
export function drawingReducer(drawing: Drawing, action: Action): Drawing {
  const { sheet, past, future } = drawing;
  const { strokes, hasBase } = sheet;
  const next = (after: Sheet): Drawing => ({ sheet: after, past: [...past, sheet], future: [] });
  switch (action.type) {
    case 'draw':
      return next({ strokes: [...strokes, action.stroke], hasBase });
    case 'clear':
      return strokes.length === 0 && !hasBase ? drawing : next({ strokes: [], hasBase: false });
    case 'undo': {
      const before = past.at(-1);
      return before ? { sheet: before, past: past.slice(0, -1), future: [sheet, ...future] } : drawing;
    }
    case 'redo': {
      const [after, ...later] = future;
      return after ? { sheet: after, past: [...past, sheet], future: later } : drawing;
    }
  }
}

/** A drawing with undo and redo, on an earlier sketch or on empty paper. */
export function useDrawing(startsOnBase: boolean) {
  const [drawing, dispatch] = useReducer(drawingReducer, startsOnBase, newDrawing);
  return {
    sheet: drawing.sheet,
    canUndo: drawing.past.length > 0,
    canRedo: drawing.future.length > 0,
    draw: useCallback((stroke: Stroke) => dispatch({ type: 'draw', stroke }), []),
    undo: useCallback(() => dispatch({ type: 'undo' }), []),
    redo: useCallback(() => dispatch({ type: 'redo' }), []),
    clear: useCallback(() => dispatch({ type: 'clear' }), []),
  };
}
