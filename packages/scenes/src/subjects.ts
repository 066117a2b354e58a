import { animals } from './animals.js';
import { buildings } from './buildings.js';
import { people } from './people.js';
import { plants } from './plants.js';
import type { SceneSubject } from './subject.js';
import { tableThings } from './table-things.js';
import { vehicles } from './vehicles.js';

/** Everything that a scene can be about, by name. */
export const subjects: Readonly<Record<string, SceneSubject>> = {
  ...animals,
  ...vehicles,
  ...buildings,
  ...plants,
  ...people,
  ...tableThings,
};
