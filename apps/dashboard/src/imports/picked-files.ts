/** A file to be sent, with the path that it has below what was chosen. */
export type PickedFile = { readonly path: string; readonly file: File };

export type Picked = {
  readonly files: readonly PickedFile[];
  /** Name of the one folder that was chosen, or null. */
  readonly folderName: string | null;
  /** Hidden files and what operating systems leave behind, which are not sent. */
  readonly passedOver: number;
};

// What operating systems leave in folders of pictures; the import would pass it over as well.
const CLUTTER = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);
const BATCH = 64;

const isClutter = (path: string) => path.split('/').some((name) => name.startsWith('.') || CLUTTER.has(name));

/**
 * Everything that was dropped, folders with all that lies below them. Call it within the event: afterwards a browser
 * forgets what was dropped.
 * @param onFound is told how many files were found so far.
 */
export async function filesOfDrop(
  transfer: DataTransfer,
  onFound?: (count: number) => void,
): Promise<PickedFile[]> {
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  const found: PickedFile[] = [];
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  for (const entry of entries) {
    for await (const batch of walk(entry)) {
      found.push(...(await Promise.all(batch.map(readEntry))));
      onFound?.(found.length);
    }
  }
  return found;
}

/** What a chooser of files or of a folder gave. */
export const filesOfInput = (list: FileList): PickedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Leaves clutter out, takes a single folder's own name off the paths, and puts them in order. */
export function preparePicked(found: readonly PickedFile[]): Picked {
  const kept = found.filter(({ path }) => !isClutter(path));
  const tops = new Set(kept.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')));
  const [top = ''] = tops;
  const folderName = tops.size === 1 && top !== '' ? top : null;
  const files = kept
    .map(({ path, file }) => ({ path: folderName === null ? path : path.slice(folderName.length + 1), file }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, folderName, passedOver: found.length - kept.length };
}

async function* walk(entry: FileSystemEntry): AsyncGenerator<FileSystemFileEntry[]> {
  if (entry.isFile) {
    yield [entry as FileSystemFileEntry];
    return;
  }
  const folders = [entry as FileSystemDirectoryEntry];
  let batch: FileSystemFileEntry[] = [];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    for await (const child of childrenOf(folder)) {
      if (child.isDirectory) folders.push(child as FileSystemDirectoryEntry);
      else batch.push(child as FileSystemFileEntry);
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

async function* childrenOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    // Browsers give a hundred at a time, and nothing when it is all.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    yield* some;
  }
}

const readEntry = (entry: FileSystemFileEntry): Promise<PickedFile> =>
  new Promise((resolve, reject) =>
    entry.file((file) => resolve({ path: entry.fullPath.replace(/^\//, ''), file }), reject),
  );
