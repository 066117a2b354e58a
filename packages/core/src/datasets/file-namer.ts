/** Gives files of a new folder their names: the wanted one where it is safe on every system and still free, else one
 *  as near to it as can be. The same names in the same order give the same answers. */
export interface FileNamer {
  /** @param wanted a path with `/`; anything at all is taken.
   *  @param extension what the name shall end in where it has no picture's extension, without its dot. */
  name(wanted: string, extension: string): string;
}

// 255 bytes is what file systems hold; unpacking programs put a folder of their own in front of the whole.
const MAX_PART_BYTES = 200;
const MAX_PARTS = 24;
// Names that Windows keeps for devices, with any extension.
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
// Control characters, halves of letters, what Windows refuses, and what turns the direction of writing: by it a name
// could look like another.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}<>:"\\|?*]/gu;

/** @param taken names that the folder holds already; case does not tell names apart.
 *  @param hasExtension tells a picture's name. */
export function createFileNamer(
  taken: readonly string[],
  hasExtension: (name: string) => boolean,
): FileNamer {
  // A file cannot bear the name of a folder, nor a folder that of a file.
  const files = new Set<string>(taken.map(folded));
  const folders = new Set<string>();
  const free = (path: string): boolean => !files.has(folded(path)) && !folders.has(folded(path));
  const throughFolders = (path: string): string =>
    path.split('/').reduce((folder, part) => {
      let way = folder;
      while (files.has(folded(way))) way = `${way}_`;
      return `${way}/${part}`;
    });
  return {
    name(wanted, extension) {
      const safe = safePath(wanted);
      const path = throughFolders(hasExtension(safe) ? safe : `${safe}.${extension}`);
      let chosen = path;
      for (let n = 2; !free(chosen); n++) chosen = numbered(path, n);
      files.add(folded(chosen));
      for (const folder of foldersOf(folded(chosen))) folders.add(folder);
      return chosen;
    },
  };
}

// Composed and in lower case: macOS and Windows take such names for the same.
const folded = (path: string): string => path.normalize('NFC').toLowerCase();

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_part, i) => parts.slice(0, i + 1).join('/'));
}

function safePath(wanted: string): string {
  const parts = wanted.split('/').flatMap((part) => (part === '' || part === '.' ? [] : [safePart(part)]));
  // What is below that depth is told by its name alone.
  const kept = parts.length > MAX_PARTS ? [...parts.slice(0, MAX_PARTS - 1), ...parts.slice(-1)] : parts;
  return kept.length === 0 ? 'picture' : kept.join('/');
}

function safePart(part: string): string {
  // Dots and spaces at the end are dropped by Windows; a dot in front hides a file from readers.
  const safe = part
    .replace(UNSAFE, '_')
    .replace(/[. ]+$/, '_')
    .replace(/^\./, '_');
  const short = shortened(safe);
  return DEVICE.test(short) ? `_${short}` : short;
}

// Shortened in the middle of its stem: the extension stays.
function shortened(part: string): string {
  if (Buffer.byteLength(part) <= MAX_PART_BYTES) return part;
  const dot = part.lastIndexOf('.');
  const extension = dot > 0 && part.length - dot <= 10 ? part.slice(dot) : '';
  const letters = [...part.slice(0, part.length - extension.length)];
  while (Buffer.byteLength(letters.join('')) + Buffer.byteLength(extension) > MAX_PART_BYTES) letters.pop();
  return `${letters.join('')}${extension}`;
}

function numbered(path: string, n: number): string {
  const dot = path.lastIndexOf('.');
  const inName = dot > path.lastIndexOf('/') + 1;
  return inName ? `${path.slice(0, dot)}-${n}${path.slice(dot)}` : `${path}-${n}`;
}
