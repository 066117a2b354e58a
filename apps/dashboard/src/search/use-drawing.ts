'use client';

import { useCallback, useReducer } from 'react';
import type { Stroke } from './strokes';

/** Strokes as done and as undone; `clear` is a step of its own that can be undone too. */
export type Drawing = {
  strokes: readonly Stroke[];
  past: readonly (readonly Stroke[])[];
  future: readonly (readonly Stroke[])[];
};

type Action = { type: 'draw'; stroke: Stroke } | { type: 'undo' } | { type: 'redo' } | { type: 'clear' };

export const EMPTY_DRAWING: Drawing = { strokes: [], past: [], future: [] };

/** The next drawing; steps that cannot be taken (undo with nothing done) leave it as it is. */
export function drawingReducer(drawing: Drawing, action: Action): Drawing {
  const { strokes, past, future } = drawing;
  switch (action.type) {
    case 'draw':
      return { strokes: [...strokes, action.stroke], past: [...past, strokes], future: [] };
    case 'clear':
      return strokes.length === 0 ? drawing : { strokes: [], past: [...past, strokes], future: [] };
    case 'undo': {
      const before = past.at(-1);
      return before ? { strokes: before, past: past.slice(0, -1), future: [strokes, ...future] } : drawing;
    }
    case 'redo': {
      const [after, ...later] = future;
      return after ? { strokes: after, past: [...past, strokes], future: later } : drawing;
    }
  }
}

/** A drawing with undo and redo. */
export function useDrawing() {
  const [drawing, dispatch] = useReducer(drawingReducer, EMPTY_DRAWING);
  return {
    strokes: drawing.strokes,
    canUndo: drawing.past.length > 0,
    canRedo: drawing.future.length > 0,
    draw: useCallback((stroke: Stroke) => dispatch({ type: 'draw', stroke }), []),
    undo: useCallback(() => dispatch({ type: 'undo' }), []),
    redo: useCallback(() => dispatch({ type: 'redo' }), []),
    clear: useCallback(() => dispatch({ type: 'clear' }), []),
  };
}
