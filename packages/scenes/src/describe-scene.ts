import { createRandom, type Random } from '@freestyle/core';
import type { DayTime } from './backdrop.js';
import type { ColourName } from './colours.js';
import { type SceneSetting, settings } from './settings.js';
import type { SceneSubject } from './subject.js';
import { subjects } from './subjects.js';

export type Weather = 'clear' | 'rain' | 'fog' | 'snowfall';

/** A group of the same thing in the same colour. */
export interface SceneGroup {
  readonly subject: SceneSubject;
  readonly count: number;
  /** Absent where the thing has only its own. */
  readonly colour: ColourName | undefined;
}

/** What a scene shows, decided but not yet drawn. */
export interface SceneDescription {
  readonly seed: number;
  readonly setting: SceneSetting;
  readonly settingName: string;
  readonly time: DayTime;
  readonly weather: Weather;
  readonly main: SceneGroup;
  /** One thing further back, if any. */
  readonly companion: SceneGroup | undefined;
  readonly class: string;
  /** Two ways of saying what is to be seen. */
  readonly captions: readonly [string, string];
}

/** Decides what the scene of a seed shows. The same seed always gives the same scene. */
export function describeScene(seed: number): SceneDescription {
  const random = createRandom(`scene ${seed}`);
  const subject = subjectOf(seed);
  const fitting = Object.entries(settings).filter(([, setting]) => fits(subject, setting));
  const [settingName, setting] = pick(fitting, random);
  const time = setting.times.includes('day') && random.uniform() < 0.62 ? 'day' : pick(setting.times, random);
  const weather = weatherOf(settingName, setting, time, random);
  const main = groupOf(subject, random);
  const companion = random.uniform() < 0.55 ? companionOf(setting, main, random) : undefined;
  const parts = { setting, time, weather, main, companion };
  return { seed, settingName, ...parts, class: subject.class, captions: captionsOf(parts) };
}

// Subjects take turns in an order that is shuffled anew each round, so any run of seeds shows many of them.
function subjectOf(seed: number): SceneSubject {
  const all = Object.values(subjects);
  const round = Math.floor(seed / all.length);
  const order = createRandom(`round ${round}`).shuffle(all);
  return order[seed - round * all.length] ?? pick(all, createRandom(seed));
}

const fits = (subject: SceneSubject, setting: SceneSetting): boolean =>
  subject.places.some((place) => setting.places.includes(place));

function pick<T>(items: readonly (T | undefined)[], random: Random): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new RangeError('a scene subject fits no setting');
  return item;
}

function groupOf(subject: SceneSubject, random: Random): SceneGroup {
  const count = random.uniform() < 0.45 ? 1 : 1 + random.integer(subject.atMost);
  return { subject, count, colour: subject.colours.length === 0 ? undefined : pick(subject.colours, random) };
}

function weatherOf(name: string, setting: SceneSetting, time: DayTime, random: Random): Weather {
  if (!setting.outdoors || random.uniform() > 0.3) return 'clear';
  if (name === 'snow') return 'snowfall';
  if (time !== 'day' || name === 'desert' || name === 'savanna') return 'clear';
  return random.uniform() < 0.6 ? 'rain' : 'fog';
}

/** What may stand in the back of a place. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  land: ['tree', 'pine', 'house', 'barn', 'balloon', 'kite'],
  water: ['sailboat', 'ship', 'bird', 'balloon', 'plane'],
  beach: ['palm', 'parasol', 'kite', 'bird'],
  snow: ['pine', 'house', 'snowman'],
  savanna: ['cactus', 'balloon'],
  road: ['balloon', 'plane', 'bird'],
  table: ['cup', 'bottle', 'vase', 'books', 'teapot', 'orange', 'pear'],
};

function companionOf(setting: SceneSetting, main: SceneGroup, random: Random): SceneGroup | undefined {
  const place = setting.places.find((name) => COMPANIONS[name] !== undefined);
  const options = (COMPANIONS[place ?? ''] ?? [])
    .map((name) => subjects[name])
    .filter((subject) => subject !== undefined && subject.class !== main.subject.class);
  const subject = options[random.integer(Math.max(1, options.length))];
  if (subject === undefined) return undefined;
  const colours = subject.colours.filter((colour) => colour !== main.colour);
  return { subject, count: 1, colour: colours.length === 0 ? undefined : pick(colours, random) };
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five'] as const;

function nameOf({ subject, count, colour }: SceneGroup): string {
  const noun = count === 1 ? subject.one : subject.many;
  const coloured = noun.includes('{colour}')
    ? noun.replace('{colour}', colour ?? '').replaceAll(/ {2,}/g, ' ')
    : `${colour === undefined ? '' : `${colour} `}${noun}`;
  return count === 1 ? `${article(coloured)} ${coloured}` : `${NUMBERS[count] ?? count} ${coloured}`;
}

const article = (words: string): string => (/^[aeio]|^umbrella/i.test(words) ? 'an' : 'a');

type Parts = Pick<SceneDescription, 'setting' | 'time' | 'weather' | 'main' | 'companion'>;

function captionsOf({ setting, time, weather, main, companion }: Parts): [string, string] {
  const flies = main.subject.places.every((place) => place === 'air');
  const where = flies ? `flying over ${setting.noun}` : setting.phrase;
  const when = [
    time === 'night' ? 'at night' : time === 'sunset' ? 'at sunset' : '',
    weather === 'rain'
      ? 'in the rain'
      : weather === 'fog'
        ? 'in the fog'
        : weather === 'snowfall'
          ? 'while it is snowing'
          : '',
  ].filter((words) => words !== '');
  const back = companion === undefined ? [] : [`with ${nameOf(companion)} in the background`];
  const first = [nameOf(main), where, ...when, ...back].join(' ');
  const beside = companion === undefined ? '' : ` and ${nameOf(companion)}`;
  const second = `${setting.noun} ${[...when, 'with', nameOf(main)].join(' ')}${beside}`;
  return [first, second];
}
