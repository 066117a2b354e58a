import { atomicWrite } from '../weights/atomic-write.js';
import type { ValidationFigure } from './recipe.js';

/** One line of a training's history. */
export type FitRecord =
  | {
      readonly kind: 'loss';
      /** Steps taken. */
      readonly step: number;
      /** Mean since the record before. */
      readonly loss: number;
      readonly rate: number;
      readonly imagesPerSecond: number;
    }
  | {
      readonly kind: 'validation';
      readonly step: number;
      readonly figures: readonly ValidationFigure[];
      readonly score: number;
      /** Step of the best validation so far. */
      readonly best: number;
    };

/** Writes the history, one JSON object a line: what a training that was killed had written beyond its checkpoint goes. */
export function writeHistory(path: string, history: readonly FitRecord[], more: object = {}): Promise<void> {
  const text = history.map((record) => `${JSON.stringify({ ...record, ...more })}\n`).join('');
  return atomicWrite(path, (file) => file.writeFile(text));
}
