import {
  createFileNamer,
  isImageName,
  MANIFEST_NAME,
  VERSION_NAME,
  type VersionRecord,
} from '@freestyle/core';
import type { ArchiveFile } from './archive.js';
import { photoRecord, queryRecord } from './folder-records.js';
import {
  type ExportPlan,
  lostPhoto,
  lostQuery,
  type PlanSource,
  PROBLEMS_NAME,
  photosOf,
  problemsFile,
  queriesOf,
} from './plan.js';
import type { ExportQuery } from './repository.js';
import { openTextFile } from './text-file.js';

/** Our own dataset folder: a manifest, photos under the names that they came with, queries beside them. */
export async function planFolder(source: PlanSource): Promise<ExportPlan> {
  const namer = createFileNamer([MANIFEST_NAME, PROBLEMS_NAME, VERSION_NAME], isImageName);
  const manifest = await openTextFile(source.folder, MANIFEST_NAME);
  const pictures: ArchiveFile[] = [];
  const problems: string[] = [];
  /** The name that each photo was given, by content. */
  const names = new Map<string, string>();
  try {
    for await (const { photo, stored } of photosOf(source)) {
      if (stored === null) {
        problems.push(lostPhoto(photo));
        continue;
      }
      const name = namer.name(photo.fileName, stored.extension);
      names.set(photo.contentHash, name);
      pictures.push({ name, ...stored });
      await manifest.write(line(photoRecord(photo, name)));
    }
    for await (const { query, stored } of queriesOf(source)) {
      const target = query.targetHash === null ? null : names.get(query.targetHash);
      // Its photo is not there; where the photo was lost, that was told.
      if (target === undefined) continue;
      if (stored === null && query.contentHash !== null) {
        problems.push(lostQuery(query));
        continue;
      }
      const name = stored && namer.name(query.fileName ?? madeName(query, target), stored.extension);
      if (stored && name) pictures.push({ name, ...stored });
      await manifest.write(line(queryRecord(query, name, target)));
    }
    const version = versionFile(source.version);
    return { files: [await manifest.close(), ...version, ...pictures, ...problemsFile(problems)], problems };
  } catch (error) {
    await manifest.abort().catch(() => {});
    throw error;
  }
}

/** Says which version this is, so that whoever trains or evaluates on the folder can name it and see whether it still is. */
function versionFile(version: VersionRecord | null): ArchiveFile[] {
  if (version === null) return [];
  return [{ name: VERSION_NAME, bytes: Buffer.from(`${JSON.stringify(version, null, 1)}\n`) }];
}

const line = (record: Readonly<Record<string, unknown>>): string => `${JSON.stringify(record)}\n`;

/** `sketch/dogs/a-sketch-ink-0.5` for a photo `images/dogs/a.jpg`. */
export function madeName({ style, maker, strength }: ExportQuery, target: string | null): string {
  const stem = (target ?? 'query').replace(/^images\//, '').replace(/\.[^./]+$/, '');
  const version = [maker, strength].filter((part) => part !== null).join('-');
  // The dot of a strength is no extension.
  return `${style}/${stem}-${version}`;
}
