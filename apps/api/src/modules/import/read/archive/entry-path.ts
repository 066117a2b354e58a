import { EntryRefusal } from './archive-limits.js';

// What the file systems in use take for one name and for a whole path, in bytes.
const NAME_BYTES = 255;
const PATH_BYTES = 3000;

/** Where an entry of an archive belongs: a path below the folder that it is unpacked into, with `/`.
 *  @param name as the archive has it; a backslash counts as a slash, as the system may take it for one.
 *  @throws {EntryRefusal} for a name that leads anywhere else. */
export function entryPath(name: string): string {
  if (name.includes('\0')) throw new EntryRefusal('BAD_NAME', 'a name with a zero character');
  const path = name.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) {
    throw new EntryRefusal('PATH_OUTSIDE', 'an absolute name; expected one inside the archive');
  }
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new EntryRefusal('PATH_OUTSIDE', 'the name leads out of the archive');
  if (parts.length === 0) throw new EntryRefusal('BAD_NAME', 'an entry without a name');
  const long = parts.some((part) => Buffer.byteLength(part) > NAME_BYTES);
  if (long || Buffer.byteLength(path) > PATH_BYTES) {
    throw new EntryRefusal('NAME_TOO_LONG', `a name of more than ${long ? NAME_BYTES : PATH_BYTES} bytes`);
  }
  return parts.join('/');
}
