import type { StyleMakerEntry } from '../style-maker.js';
import { ditheredPixels, hexagons } from './coarse-copies.js';
import { constructionLines } from './construction-lines.js';
import { contourHatching } from './contour-hatching.js';
import { stainedGlass } from './facets.js';
import { halftonePrint } from './halftone.js';
import { longStrokes } from './long-strokes.js';
import { oneLine } from './one-line.js';
import { watercolour } from './watercolour.js';

/** A maker that only evaluation may use: no training, and nothing that a training draws from, ever sees its pictures.
 *  Its type fits nowhere where a {@link StyleMakerEntry} is wanted. */
export interface HeldOutMaker extends Omit<StyleMakerEntry, 'heldOut'> {
  readonly heldOut: true;
}

const heldOut = (entry: Omit<StyleMakerEntry, 'heldOut' | 'hasStrength'>): HeldOutMaker => ({
  ...entry,
  hasStrength: true,
  heldOut: true,
});

/** Every held-out maker, by name; none is of a kind that training draws. To add one: one file and one entry here. */
export const heldOutMakers: Readonly<Record<string, HeldOutMaker>> = {
  'unseen-art-glass': heldOut({
    style: 'art',
    kind: 'panes of one colour in lead',
    title: 'Stained glass',
    make: stainedGlass,
  }),
  'unseen-art-halftone': heldOut({
    style: 'art',
    kind: 'dots of four inks',
    title: 'Halftone print',
    make: halftonePrint,
  }),
  'unseen-art-watercolour': heldOut({
    style: 'art',
    kind: 'washes of pigment on wet paper',
    title: 'Watercolour',
    make: watercolour,
  }),
  'unseen-art-strokes': heldOut({
    style: 'art',
    kind: 'long curved strokes on a toned ground',
    title: 'Long strokes',
    make: longStrokes,
  }),
  'unseen-sketch-hatching': heldOut({
    style: 'sketch',
    kind: 'tone by strokes along the form, no outline',
    title: 'Hatching',
    make: contourHatching,
  }),
  'unseen-sketch-one-line': heldOut({
    style: 'sketch',
    kind: 'one unbroken line',
    title: 'One line',
    make: oneLine,
  }),
  'unseen-sketch-construction': heldOut({
    style: 'sketch',
    kind: 'straight strokes drawn over and past their corners',
    title: 'Construction lines',
    make: constructionLines,
  }),
  'unseen-lowres-hexagons': heldOut({
    style: 'lowres',
    kind: 'mosaic of six-sided cells',
    title: 'Hexagons',
    make: hexagons,
  }),
  'unseen-lowres-dither': heldOut({
    style: 'lowres',
    kind: 'large pixels of eight colours, dithered',
    title: 'Eight colours',
    make: ditheredPixels,
  }),
};

/** The names of the held-out makers of one style, in a fixed order. */
export const heldOutNames = (style: StyleMakerEntry['style']): string[] =>
  Object.keys(heldOutMakers).filter((name) => heldOutMakers[name]?.style === style);
