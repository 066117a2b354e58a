import { createFileNamer, isImageName, MANIFEST_NAME } from '@freestyle/core';
import type { ArchiveFile } from './archive.js';
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
import type { ExportPhoto, ExportQuery } from './repository.js';
import { openTextFile } from './text-file.js';

/** Our own dataset folder: a manifest, photos under the names that they came with, queries beside them. */
export async function planFolder(source: PlanSource): Promise<ExportPlan> {
  const namer = createFileNamer([MANIFEST_NAME, PROBLEMS_NAME], isImageName);
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
    return { files: [await manifest.close(), ...pictures, ...problemsFile(problems)], problems };
  } catch (error) {
    await manifest.abort().catch(() => {});
    throw error;
  }
}

const line = (record: Readonly<Record<string, unknown>>): string => `${JSON.stringify(record)}\n`;

/** `sketch/dogs/a-sketch-ink-0.5` for a photo `images/dogs/a.jpg`. */
export function madeName({ style, maker, strength }: ExportQuery, target: string | null): string {
  const stem = (target ?? 'query').replace(/^images\//, '').replace(/\.[^./]+$/, '');
  const version = [maker, strength].filter((part) => part !== null).join('-');
  // The dot of a strength is no extension.
  return `${style}/${stem}-${version}`;
}

const photoRecord = (photo: ExportPhoto, file: string) => ({
  kind: 'image',
  file,
  ...(photo.captions.length > 0 && { captions: photo.captions }),
  ...labels(photo),
  ...(photo.tags.length > 0 && { tags: photo.tags }),
  ...attributes(photo.attributes),
});

const queryRecord = (query: ExportQuery, file: string | null, target: string | null) => ({
  kind: 'query',
  style: query.style,
  ...(file === null ? { text: query.text ?? '' } : { file }),
  ...(target !== null && { target }),
  ...labels(query),
  ...(query.maker !== null && { maker: query.maker }),
  ...(query.strength !== null && { strength: query.strength }),
  ...(query.seed !== null && { seed: query.seed }),
  ...attributes(query.attributes),
});

const labels = ({ className, split }: { className: string | null; split: string | null }) => ({
  ...(className !== null && { class: className }),
  ...(split !== null && { split }),
});

const RESERVED = new Set(['kind', 'file', 'captions', 'class', 'split', 'style', 'text', 'target', 'tags']);

// An attribute may not stand in for a field of the format, nor be lost for its name.
const attributes = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [RESERVED.has(key) ? `attribute-${key}` : key, value]),
  );
