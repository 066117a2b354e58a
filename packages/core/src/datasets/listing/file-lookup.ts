import { posix } from 'node:path';

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
 *  folder that their pictures were put in. Names never lead out of the folder. */
export function createFileLookup(files: readonly string[]): FileLookup {
  const exact = new Set(files);
  let byName: Map<string, string[]> | undefined;
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
    if (path.startsWith('../')) return { kind: 'missing', file: beside };
    if (exact.has(path)) return { kind: 'found', file: path };
    byName ??= groupByName(files);
    const ending = `/${path}`;
    const [found, other] = (byName.get(posix.basename(path)) ?? []).filter((file) => file.endsWith(ending));
    if (other !== undefined) {
      return refused(
        'AMBIGUOUS',
        `"${name}" may be ${found} or ${other}; expected a path that fits one file`,
      );
    }
    return found === undefined ? { kind: 'missing', file: beside } : { kind: 'found', file: found };
  };
}

const refused = (code: 'PATH_OUTSIDE' | 'BAD_RECORD' | 'AMBIGUOUS', reason: string): LookedUp => ({
  kind: 'refused',
  code,
  reason,
});

function groupByName(files: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const name = posix.basename(file);
    const group = groups.get(name);
    if (group) group.push(file);
    else groups.set(name, [file]);
  }
  return groups;
}
