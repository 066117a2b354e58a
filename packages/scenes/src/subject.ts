import type { Random } from '@freestyle/core';
import type { ColourName } from './colours.js';
import type { SceneCanvas } from './scene-canvas.js';

/** Where a thing can be. */
export type Place = 'land' | 'road' | 'water' | 'air' | 'table' | 'snow' | 'beach' | 'savanna';

/** Something that a scene can be about. */
export interface SceneSubject {
  readonly class: string;
  /** Its name in a caption; `{colour}` marks where the colour's name goes if that is not in front. */
  readonly one: string;
  readonly many: string;
  /** The colours that it comes in; empty where its colour goes without saying. */
  readonly colours: readonly ColourName[];
  readonly places: readonly Place[];
  /** Most of it that fit into one picture. */
  readonly atMost: number;
  /** Width and height of the drawing in its own units; it stands on y = 0 around x = 0 and reaches up to −height. */
  readonly width: number;
  readonly height: number;
  /** Height in the picture when it stands in front, pixels of 300. */
  readonly size: number;
  /** `back`: near the horizon, as buildings are; `front`: near the lower edge, as traffic is. */
  readonly stands?: 'back' | 'front';
  draw(canvas: SceneCanvas, colour: string, random: Random): void;
}
