import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDemoGallery } from '@freestyle/scenes';

// Every so many scenes one comes without captions, and one without its sketch.
const CAPTIONLESS_EVERY = 9;
const SKETCHLESS_EVERY = 6;

export interface CuratedPhoto {
  readonly file: string;
  readonly class: string;
  readonly split: string;
  readonly captions: readonly string[];
  readonly hasSketch: boolean;
}

type ManifestLine = {
  kind: string;
  file?: string;
  style?: string;
  target?: string;
  class?: string;
  split?: string;
  captions?: string[];
};

/** A dataset folder of drawn scenes as a curator finds one: classes, splits and queries, with some gaps.
 *  @returns its photos, in the order in which they are imported. */
export async function writeCuratedFolder(folder: string, count: number): Promise<CuratedPhoto[]> {
  await writeDemoGallery(folder, { count, seed: 7 });
  const path = join(folder, 'manifest.jsonl');
  const photos: CuratedPhoto[] = [];
  const kept: string[] = [];
  for (const text of (await readFile(path, 'utf8')).trim().split('\n')) {
    const line = JSON.parse(text) as ManifestLine;
    const number = Number(/scene-(\d+)/.exec(line.target ?? line.file ?? '')?.[1]);
    const hasSketch = number % SKETCHLESS_EVERY !== 0;
    if (line.style === 'sketch' && !hasSketch) continue;
    if (line.kind === 'image') {
      if (number % CAPTIONLESS_EVERY === 0) line.captions = [];
      const { file = '', class: className = '', split = '', captions = [] } = line;
      photos.push({ file, class: className, split, captions, hasSketch });
    }
    kept.push(JSON.stringify(line));
  }
  await writeFile(path, `${kept.join('\n')}\n`);
  return photos;
}
