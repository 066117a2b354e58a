import type { TextEncoding } from '@freestyle/core';
import type { FacetCount } from '../../../platform/database/paging.js';
import type { ImportFormat } from '../import-options.js';
import type { ListedItem } from './listed-item.js';
import type { PassedOver } from './passed-over.js';

export interface ImportProblem {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

export interface ImportSample {
  readonly path: string;
  readonly captions: readonly string[];
  readonly class: string | null;
  readonly split: string | null;
  readonly style: string | null;
  readonly target: string | null;
}

export interface ImportPreview {
  readonly format: ImportFormat;
  readonly formats: readonly ImportFormat[];
  readonly photoCount: number;
  readonly queryCount: number;
  readonly captionCount: number;
  readonly checkedCount: number;
  /** Whether only the beginning of the source was looked at. */
  readonly partial: boolean;
  readonly classes: readonly FacetCount[];
  readonly splits: readonly FacetCount[];
  readonly styles: readonly FacetCount[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly problems: readonly ImportProblem[];
  readonly problemCount: number;
  readonly samples: readonly ImportSample[];
  /** Files that are not even looked at. */
  readonly passedOver: readonly PassedOver[];
  /** How each list that was read is encoded. */
  readonly lists: readonly ReadList[];
}

/** A list that an import reads. */
export interface ReadList {
  readonly path: string;
  readonly encoding: TextEncoding;
}

type Tallied = Pick<
  ImportPreview,
  | 'photoCount'
  | 'queryCount'
  | 'captionCount'
  | 'classes'
  | 'splits'
  | 'styles'
  | 'problems'
  | 'problemCount'
  | 'samples'
>;

export interface ImportTally {
  add(item: ListedItem): void;
  /** Takes back what was counted of an item: it was looked at and will not arrive. */
  refuse(item: ListedItem, code: string, reason: string): void;
  problem(problem: ImportProblem): void;
  result(): Tallied;
}

const SHOWN_PROBLEMS = 100;
const SAMPLES = 6;
const SHOWN_VALUES = 200;

/** Counts what a listing holds, whatever its length, in little memory. */
export function createImportTally(): ImportTally {
  const counts = { photoCount: 0, queryCount: 0, captionCount: 0, problemCount: 0 };
  const classes = new Map<string, number>();
  const splits = new Map<string, number>();
  const styles = new Map<string, number>();
  const problems: ImportProblem[] = [];
  const samples = { PHOTO: [] as ImportSample[], QUERY: [] as ImportSample[] };
  const problem = (found: ImportProblem) => {
    counts.problemCount += 1;
    if (problems.length < SHOWN_PROBLEMS) problems.push(found);
  };
  const tally = (kind: ListedItem['kind'], sample: ImportSample, change: 1 | -1) => {
    counts[kind === 'QUERY' ? 'queryCount' : 'photoCount'] += change;
    counts.captionCount += change * sample.captions.length;
    if (kind === 'PHOTO') count(classes, sample.class, change);
    if (kind === 'PHOTO') count(splits, sample.split, change);
    if (kind === 'QUERY') count(styles, sample.style, change);
  };
  return {
    problem,
    add(item) {
      if (item.refusal !== null) return problem({ path: item.path, ...item.refusal });
      const sample = sampleOf(item);
      tally(item.kind, sample, 1);
      if (samples[item.kind].length < SAMPLES) samples[item.kind].push(sample);
    },
    refuse(item, code, reason) {
      tally(item.kind, sampleOf(item), -1);
      samples[item.kind] = samples[item.kind].filter(({ path }) => path !== item.path);
      problem({ path: item.path, code, reason });
    },
    result: () => ({
      ...counts,
      classes: facets(classes),
      splits: facets(splits),
      styles: facets(styles),
      problems,
      samples: [...samples.PHOTO, ...samples.QUERY],
    }),
  };
}

function sampleOf({ path, metadata }: ListedItem): ImportSample {
  const style = metadata !== null && 'style' in metadata ? metadata.style : null;
  const target = metadata !== null && 'style' in metadata ? metadata.target : null;
  const captions = metadata !== null && 'captions' in metadata ? metadata.captions : [];
  const { class: label, split } = metadata ?? { class: null, split: null };
  return { path, captions, class: label, split, style, target };
}

function count(counts: Map<string, number>, value: string | null, change: 1 | -1): void {
  const now = (counts.get(value ?? '') ?? 0) + change;
  if (now === 0) counts.delete(value ?? '');
  else counts.set(value ?? '', now);
}

// A facet of nothing but "none" says nothing.
function facets(counts: ReadonlyMap<string, number>): FacetCount[] {
  if (counts.size === 1 && counts.has('')) return [];
  return [...counts]
    .map(([value, number]) => ({ value, count: number }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, SHOWN_VALUES);
}
