import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { canonicalJson } from '../datasets/canonical-json.js';
import type { Dataset } from '../datasets/dataset.js';
import { atomicWrite } from '../weights/atomic-write.js';

/** What must be equal for a run to go on from kept work: values of JSON, under the names that a refusal tells. */
export type RunSettings = Readonly<Record<string, unknown>>;

/** How the settings of kept work differ from those of a run; null where they fit. A setting that the kept work does not
 *  name may have been anything, so it differs. */
export function settingsDifference(kept: RunSettings, own: RunSettings): string | null {
  const names = [...new Set([...Object.keys(own), ...Object.keys(kept)])];
  const text = (value: unknown) => (value === undefined ? 'none' : canonicalJson(value));
  const told = (value: unknown) => text(value).replaceAll(SHA256, '$1');
  const changed = names
    .filter((name) => kept[name] !== undefined && text(kept[name]) !== text(own[name]))
    .map((name) => `${name} was ${told(kept[name])}, is now ${told(own[name])}`);
  const unknown = names.filter((name) => kept[name] === undefined && own[name] !== undefined);
  if (unknown.length > 0) changed.push(`not noted by the version that began it: ${unknown.join(', ')}`);
  return changed.length === 0 ? null : changed.join('; ');
}

// Twelve digits tell hashes apart for a reader.
const SHA256 = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;

/** The object that a text holds, such as `settings.json`; null for a text cut short and for anything else. */
export function parseSettings(text: string): RunSettings | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as RunSettings) : null;
  } catch {
    return null;
  }
}

/** Keeps the settings of a run in a file of its work folder. Where it has one, they must fit.
 *  @param begun whether the folder holds work, which without a file of settings may be of any run.
 *  @param refuse makes the error from what differs. */
export async function keepSettings(
  path: string,
  settings: RunSettings,
  begun: boolean,
  refuse: (difference: string) => Error,
): Promise<void> {
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (known === null && !begun) {
    await atomicWrite(path, (file) => file.writeFile(canonicalJson(settings)));
    return;
  }
  const kept = known === null ? {} : parseSettings(known);
  const difference = kept === null ? `${path} is not JSON` : settingsDifference(kept, settings);
  if (difference !== null) throw refuse(difference);
}

/** The records of a split, told apart by all that they say; where their folder lies makes no difference. */
export function describeRecords(datasets: readonly Dataset[]): string {
  const hash = createHash('sha256');
  for (const { images, queries } of datasets) {
    for (const record of [...images, ...queries])
      hash.update(`${canonicalJson({ ...record, path: null })}\n`);
  }
  const count = (key: 'images' | 'queries') => datasets.reduce((sum, one) => sum + one[key].length, 0);
  return `${count('images')} photos, ${count('queries')} queries, ${hash.digest('hex').slice(0, 12)}`;
}
