/** What operating systems, storage devices and photo programs leave in folders of pictures, in lower case. */
const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  // Windows
  'thumbs.db',
  'ehthumbs.db',
  'ehthumbs_vista.db',
  'desktop.ini',
  '$recycle.bin',
  'recycler',
  'system volume information',
  // macOS; what begins with a dot is hidden anyway
  '__macosx',
  'icon\r',
  // Synology, QNAP and other network storage
  '@eadir',
  '@recycle',
  '#recycle',
  '#snapshot',
  '@snapshot',
  '@tmp',
  'lost+found',
  // Photo programs
  'picasa.ini',
  'zbthumbnail.info',
]);

/** Why a file or folder is passed over. */
export type PassedOverReason = 'SYSTEM' | 'HIDDEN';

/** Whether a name of a file or folder is nobody's photo: left behind by a system, a storage device or a program, or
 *  hidden, as a name is that begins with a dot. Null for all others. */
export function passedOverReason(name: string): PassedOverReason | null {
  if (SYSTEM_NAMES.has(name.toLowerCase())) return 'SYSTEM';
  return name.startsWith('.') ? 'HIDDEN' : null;
}
