import { posix } from 'node:path';
import { extensionOf, isImageName } from '../file-index.js';

/** What a name in a list leads to. `missing` keeps the name, so that it can be said which file is not there. */
export type LookedUp =
  | { readonly kind: 'found' | 'missing' | 'address'; readonly file: string }
  | {
      readonly kind: 'refused';
      readonly code: 'PATH_OUTSIDE' | 'BAD_RECORD' | 'AMBIGUOUS';
      readonly reason: string;
    };

/** Finds what the names in a list stand for. @param from folder of the list, `''` for the top. */
export type FileLookup = (name: string, from: string) => LookedUp;

const ADDRESS = /^https?:\/\//i;

/** Whether a name is the address of a picture on the web. */
export const isAddress = (name: string): boolean => ADDRESS.test(name);

/** Names are relative to their list, else to the top, else the ending of one file's path: lists seldom name the
 *  folder that their pictures were put in. Where no file is named so to the letter, the one is taken that differs in
 *  nothing but Unicode form, else in the case of letters, else in the ending too, else in leading zeros too, as long
 *  as it is the only one. Names never lead out of the folder. */
export function createFileLookup(files: readonly string[]): FileLookup {
  const exact = new Set(files);
  const keyed = KEYS.map((key) =>
    lazily(() => groupBy(files.filter(key.takes), (file) => key.of(posix.basename(file)))),
  );
  return (name, from) => {
    if (ADDRESS.test(name)) return { kind: 'address', file: name };
    if (name.includes('\0')) return refused('BAD_RECORD', 'a path cannot hold a zero byte');
    const written = name.replaceAll('\\', '/');
    if (posix.isAbsolute(written) || /^[a-z]:\//i.test(written)) {
      return refused('PATH_OUTSIDE', `expected a path relative to the folder, got "${name}"`);
    }
    const path = posix.normalize(written).replace(/^\.\//, '');
    const beside = posix.join(from, path);
    if (beside === '..' || beside.startsWith('../')) {
      return refused('PATH_OUTSIDE', `"${name}" leaves the folder`);
    }
    if (exact.has(beside)) return { kind: 'found', file: beside };
    const climbs = path.startsWith('../');
    if (!climbs && exact.has(path)) return { kind: 'found', file: path };
    for (const [i, key] of KEYS.entries()) {
      const group = keyed[i]?.().get(key.of(posix.basename(path))) ?? [];
      const found = bestOf(group, climbs ? [beside] : [beside, path], climbs ? null : path, key.of);
      if (found.length === 1) return { kind: 'found', file: found[0] ?? '' };
      if (found.length > 1) return severalFit(name, found, i);
    }
    return { kind: 'missing', file: beside };
  };
}

interface NameKey {
  /** What stays of a path when it is compared. */
  readonly of: (path: string) => string;
  readonly takes: (file: string) => boolean;
}

const always = () => true;
const composed = (path: string): string => path.normalize('NFC');
const inLowerCase = (path: string): string => composed(path).toLowerCase();
/** Without the ending that pictures have; `photo.of.1` has none. */
const withoutEnding = (path: string): string => {
  const lower = inLowerCase(path);
  return isImageName(lower) ? lower.slice(0, -extensionOf(lower).length - 1) : lower;
};
const withoutZeros = (path: string): string => withoutEnding(path).replaceAll(/(^|[^0-9])0+(?=[0-9])/g, '$1');

/** From the letter to the loosest reading. */
const KEYS: readonly NameKey[] = [
  { of: (path) => path, takes: always },
  { of: composed, takes: always },
  { of: inLowerCase, takes: always },
  { of: withoutEnding, takes: isImageName },
  { of: withoutZeros, takes: isImageName },
];

/** The files that a name fits: whole, by the first of the places that it may stand for; else by its ending. */
function bestOf(
  files: readonly string[],
  places: readonly string[],
  ending: string | null,
  of: NameKey['of'],
): readonly string[] {
  for (const place of places) {
    const wanted = of(place);
    const whole = files.filter((file) => of(file) === wanted);
    if (whole.length > 0) return whole;
  }
  if (ending === null) return [];
  const wanted = `/${of(ending)}`;
  return files.filter((file) => of(file).endsWith(wanted));
}

function severalFit(name: string, found: readonly string[], key: number): LookedUp {
  const [first, second] = found;
  const more = found.length > 2 ? ` or ${found.length - 2} more` : '';
  const how = key === 0 ? '' : '; there is no file of exactly this name';
  return refused(
    'AMBIGUOUS',
    `"${name}" may be ${first} or ${second}${more}${how}; expected a path that fits one file`,
  );
}

const refused = (code: 'PATH_OUTSIDE' | 'BAD_RECORD' | 'AMBIGUOUS', reason: string): LookedUp => ({
  kind: 'refused',
  code,
  reason,
});

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function groupBy(files: readonly string[], keyOf: (file: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const key = keyOf(file);
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  return groups;
}
