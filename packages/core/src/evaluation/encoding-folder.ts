import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EncodedItem, EncodingStore } from './encode-set.js';

const lineSchema = z.union([
  z.object({ error: z.string() }),
  z.object({
    /** float32, little-endian, base64. */
    vector: z.string(),
    style: z
      .object({
        weights: z.array(z.object({ style: z.string(), weight: z.number() })),
        confidence: z.number(),
        known: z.boolean(),
      })
      .nullable(),
  }),
]);

/** Keeps finished batches in a folder, one file of lines for the gallery and each style, appended and never rewritten: a
 *  process that is killed loses the line it was writing. Whoever opens it again must be encoding the same items. */
export async function openEncodingFolder(folder: string): Promise<EncodingStore> {
  await mkdir(folder, { recursive: true });
  const pathOf = (what: string) => join(folder, `${encodeURIComponent(what)}.jsonl`);
  return {
    read: async (what) => {
      const text = await readFile(pathOf(what), 'utf8').catch(() => '');
      const items: EncodedItem[] = [];
      for (const line of text.split('\n')) {
        const item = parseLine(line);
        // The half line of a killed process, and nothing after it counts.
        if (item === null) break;
        items.push(item);
      }
      return items;
    },
    append: async (what, items) => {
      const lines = items.map((item) =>
        'error' in item
          ? { error: item.error }
          : {
              vector: Buffer.from(new Uint8Array(item.vector.slice().buffer)).toString('base64'),
              style: item.style,
            },
      );
      await appendFile(pathOf(what), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
  };
}

function parseLine(line: string): EncodedItem | null {
  if (line === '') return null;
  try {
    const parsed = lineSchema.parse(JSON.parse(line));
    if ('error' in parsed) return parsed;
    const bytes = new Uint8Array(Buffer.from(parsed.vector, 'base64'));
    return { vector: new Float32Array(bytes.buffer), style: parsed.style };
  } catch {
    return null;
  }
}
