import type { QueryStyle, SearchMode } from '../generated/graphql';
import { fromFilterParams, toFilterParams } from '../photos/photo-filter';
import { type CompletePart, isComplete, MAX_WEIGHT, newPartKey, type Part, type SearchState } from './query';

const STYLE_NAMES: Record<string, QueryStyle> = {
  photo: 'PHOTO',
  sketch: 'SKETCH',
  art: 'ART',
  lowres: 'LOWRES',
};

/** `-sketch@0.6~art:ID`: a minus for a negative, weight and style only where they are not the usual ones. */
const PART_PATTERN = /^(-?)(text|sketch|upload|photo)(?:@(\d+(?:\.\d+)?))?(?:~([a-z]+))?:(.+)$/s;

const MODE_NAMES: Record<string, SearchMode> = { meaning: 'MEANING', words: 'WORDS' };

/** Writes a search as address parameters: `q` once for each part that says something, `in` for each dataset, the filter
 *  as the grid of photos writes it, and what is not as usual. */
export function toSearchParams({ parts, datasets, filter, mode, weak }: SearchState): URLSearchParams {
  const params = new URLSearchParams();
  for (const part of parts.filter(isComplete)) params.append('q', partToText(part));
  for (const id of datasets) params.append('in', id);
  for (const [name, value] of toFilterParams(filter)) params.append(name, value);
  if (mode !== 'HYBRID') params.set('by', mode.toLowerCase());
  if (weak) params.set('weak', 'yes');
  return params;
}

/** Reads an address; parameters that are not a part are passed over, so that a shortened link still opens. */
export function fromSearchParams(params: URLSearchParams): SearchState {
  const parts = params.getAll('q').flatMap((text) => partFromText(text) ?? []);
  return {
    parts,
    datasets: params.getAll('in'),
    filter: fromFilterParams(params),
    mode: MODE_NAMES[params.get('by') ?? ''] ?? 'HYBRID',
    weak: params.get('weak') === 'yes',
  };
}

function partToText(part: CompletePart): string {
  const weight = part.weight === 1 ? '' : `@${part.weight}`;
  const style = part.kind === 'text' || part.style === 'AUTO' ? '' : `~${part.style.toLowerCase()}`;
  return `${part.negative ? '-' : ''}${part.kind}${weight}${style}:${partValue(part)}`;
}

function partValue(part: CompletePart): string {
  if (part.kind === 'text') return part.text.trim();
  return part.kind === 'photo' ? part.imageId : part.uploadId;
}

function partFromText(text: string): Part | null {
  const match = PART_PATTERN.exec(text);
  if (!match) return null;
  const [, minus, kind, weightText, styleName, value = ''] = match;
  const common = {
    key: newPartKey(),
    weight: Math.min(MAX_WEIGHT, Number(weightText ?? 1)),
    negative: minus === '-',
  };
  const style = STYLE_NAMES[styleName ?? ''] ?? 'AUTO';
  if (kind === 'text') return { ...common, kind, text: value };
  if (kind === 'photo') return { ...common, kind, style, imageId: value };
  if (kind === 'sketch' || kind === 'upload') return { ...common, kind, style, uploadId: value };
  return null;
}
