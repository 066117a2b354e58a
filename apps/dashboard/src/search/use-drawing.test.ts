import { expect, it } from 'vitest';
import type { Stroke } from './strokes.js';
import { drawingReducer, newDrawing } from './use-drawing.js';

const stroke = (size: number): Stroke => ({
  points: [[0, 0, 0.5]],
  size,
  erases: false,
  simulatePressure: true,
});
const drawn = [1, 2].reduce(
  (drawing, size) => drawingReducer(drawing, { type: 'draw', stroke: stroke(size) }),
  newDrawing(false),
);
const sizes = ({ sheet }: typeof drawn) => sheet.strokes.map(({ size }) => size);

it('undo takes back one stroke and redo brings it again', () => {
  const undone = drawingReducer(drawn, { type: 'undo' });
  expect(sizes(undone)).toEqual([1]);
  expect(sizes(drawingReducer(undone, { type: 'redo' }))).toEqual([1, 2]);
});

it('a cleared drawing can be had back', () => {
  const cleared = drawingReducer(drawn, { type: 'clear' });
  expect(sizes(cleared)).toEqual([]);
  expect(sizes(drawingReducer(cleared, { type: 'undo' }))).toEqual([1, 2]);
});

it('an earlier sketch that was cleared away comes back with the strokes on it', () => {
  const onBase = drawingReducer(newDrawing(true), { type: 'draw', stroke: stroke(1) });
  const cleared = drawingReducer(onBase, { type: 'clear' });
  expect(cleared.sheet).toEqual({ strokes: [], hasBase: false });
  expect(drawingReducer(cleared, { type: 'undo' }).sheet).toEqual(onBase.sheet);
});

it('a new stroke after an undo ends what could be redone', () => {
  const undone = drawingReducer(drawn, { type: 'undo' });
  const redrawn = drawingReducer(undone, { type: 'draw', stroke: stroke(3) });
  expect(sizes(redrawn)).toEqual([1, 3]);
  expect(drawingReducer(redrawn, { type: 'redo' })).toBe(redrawn);
});
