import { stat } from 'node:fs/promises';

/** Size and time of the last change of each file: what is kept of pictures under the same names is not taken for that of
 *  others which replaced them. Null for a file that cannot be read: whoever opens it says so. */
export async function fileStamps(paths: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const stamp = async (path: string): Promise<[string, string | null]> => {
    const found = await stat(path).catch(() => null);
    return [path, found && `${found.size}-${found.mtimeMs}`];
  };
  return new Map(await Promise.all([...new Set(paths)].map(stamp)));
}
