/** Wide letters of an axis, in pixels. */
const LETTER_WIDTH = 7.5;
const MARGIN = 24;

/** How wide an upright axis must be, in pixels, so that no label is cut off.
 *  @param letters of the longest label */
export const axisWidth = (letters: number): number => MARGIN + letters * LETTER_WIDTH;
