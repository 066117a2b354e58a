import { createFileNamer, isImageName } from '@freestyle/core';
import type { ArchiveFile } from './archive.js';
import {
  type ExportPlan,
  lostPhoto,
  lostQuery,
  type PlanSource,
  photosOf,
  problemsFile,
  queriesOf,
} from './plan.js';
import type { ExportPhoto, ExportQuery } from './repository.js';
import type { StoredFile } from './stored-files.js';
import { openTextFile, type TextFile } from './text-file.js';

/** Which folder of DSR takes which style. */
const FOLDERS: Readonly<Record<string, string>> = {
  sketch: 'sketch',
  art: 'art',
  cartoon: 'art',
  lowres: 'mosaic',
};
/** Which list names which split; a photo of another split stands in `dataset.json` alone. */
const LISTS = ['train', 'test', 'val'] as const;

interface Chosen {
  readonly query: ExportQuery;
  readonly stored: StoredFile;
}

/** DSR's layout: `images`, `sketch`, `art`, `mosaic` and `text` with the same names below each, and lists by split.
 *  DSR has one query a style for each photo and one caption, so the plainest of each goes out. */
export async function planDsr(source: PlanSource): Promise<ExportPlan> {
  // Names are compared without their extension by those who read DSR.
  const namer = createFileNamer([], () => true);
  const files: ArchiveFile[] = [];
  const problems: string[] = [];
  const stems = new Map<string, string>();
  const lists = await openLists(source.folder);
  try {
    for await (const { photo, stored } of photosOf(source)) {
      if (stored === null) {
        problems.push(lostPhoto(photo));
        continue;
      }
      const stem = namer.name(stemOf(photo.fileName), '');
      stems.set(photo.contentHash, stem);
      files.push({ ...stored, name: `images/${stem}.${stored.extension}` });
      const [caption] = photo.captions;
      if (caption !== undefined) files.push(captionFile(stem, caption));
      await lists.add(photo, { image: `${stem}.${stored.extension}`, caption: `${stem}.txt` });
    }
    for (const [place, { stored }] of await chooseQueries(source, stems, problems)) {
      files.push({ ...stored, name: `${place}.${stored.extension}` });
    }
    return { files: [...(await lists.close()), ...files, ...problemsFile(problems)], problems };
  } catch (error) {
    await lists.abort();
    throw error;
  }
}

/** The path below `images` without its extension; DSR has a folder there, so a photo without one gets one. */
function stemOf(fileName: string): string {
  const path = fileName.replace(/^images\//, '');
  const stem = isImageName(path) ? path.replace(/\.[^./]+$/, '') : path;
  return stem.includes('/') ? stem : `photos/${stem}`;
}

// The first line is all that is read.
const captionFile = (stem: string, caption: string): ArchiveFile => ({
  name: `text/${stem}.txt`,
  bytes: Buffer.from(`${caption.replace(/\s*[\r\n]+\s*/g, ' ').trim()}\n`),
});

/** For each place `<style folder>/<stem>` the query that goes there. */
async function chooseQueries(
  source: PlanSource,
  stems: ReadonlyMap<string, string>,
  problems: string[],
): Promise<Map<string, Chosen>> {
  const chosen = new Map<string, Chosen>();
  for await (const { query, stored } of queriesOf(source)) {
    const folder = Object.hasOwn(FOLDERS, query.style) ? FOLDERS[query.style] : undefined;
    const stem = stems.get(query.targetHash ?? '');
    if (folder === undefined || stem === undefined || query.contentHash === null) continue;
    if (stored === null) {
      problems.push(lostQuery(query));
      continue;
    }
    const place = `${folder}/${stem}`;
    const rival = chosen.get(place);
    if (rival === undefined || rank(query) < rank(rival.query)) chosen.set(place, { query, stored });
  }
  return chosen;
}

/** The lower, the rather: what people drew before what was made, DSR's own mosaic first, a middling strength. */
function rank({ maker, strength }: ExportQuery): number {
  if (maker === null) return 0;
  if (maker === 'lowres-mosaic-16') return 0.5;
  return 1 + Math.abs((strength ?? 0.5) - 0.5);
}

interface Lists {
  add(photo: ExportPhoto, row: { image: string; caption: string }): Promise<void>;
  close(): Promise<ArchiveFile[]>;
  abort(): Promise<void>;
}

async function openLists(folder: string): Promise<Lists> {
  const open = new Map<string, TextFile>();
  const append = async (name: string, row: string) => {
    const known = open.get(name);
    const file = known ?? (await openTextFile(folder, `${name}.json`));
    open.set(name, file);
    await file.write(`${known ? ',' : '['}\n${row}`);
  };
  await openWhole(open, folder);
  let first = true;
  return {
    async add({ split, captions }, { image, caption }) {
      const row = JSON.stringify({ image, ...(captions.length > 0 && { caption }) });
      await open.get('dataset')?.write(`${first ? '' : ','}\n${row}`);
      first = false;
      const list = LISTS.find((name) => name === split);
      if (list !== undefined) await append(list, row);
    },
    async close() {
      const files: ArchiveFile[] = [];
      for (const file of open.values()) {
        await file.write('\n]\n');
        files.push(await file.close());
      }
      return files;
    },
    async abort() {
      for (const file of open.values()) await file.abort().catch(() => {});
    },
  };
}

// There even where no photo is: a layout without any list would not be known again.
async function openWhole(open: Map<string, TextFile>, folder: string): Promise<void> {
  const file = await openTextFile(folder, 'dataset.json');
  await file.write('[');
  open.set('dataset', file);
}
