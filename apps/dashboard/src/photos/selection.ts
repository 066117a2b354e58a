import type { ImageSelectionInput } from '../generated/graphql';
import { type PhotoFilter, toFilterInput } from './photo-filter';

/** Photos that are marked: named ones, or everything behind the filter but some. */
export type Selection =
  | { readonly kind: 'named'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'all'; readonly except: ReadonlySet<string> };

export const NOTHING: Selection = { kind: 'named', ids: new Set() };
export const EVERYTHING: Selection = { kind: 'all', except: new Set() };

export const isSelected = (selection: Selection, id: string): boolean =>
  selection.kind === 'named' ? selection.ids.has(id) : !selection.except.has(id);

/** How many photos are marked, where `total` stand behind the filter. */
export const selectedCount = (selection: Selection, total: number): number =>
  selection.kind === 'named' ? selection.ids.size : Math.max(0, total - selection.except.size);

export const isNothing = (selection: Selection, total: number): boolean =>
  selectedCount(selection, total) === 0;

/** With the photo marked or not, as `wanted` says; without it, turned round. */
export function mark(selection: Selection, id: string, wanted = !isSelected(selection, id)): Selection {
  if (selection.kind === 'named') return { kind: 'named', ids: changed(selection.ids, id, wanted) };
  return { kind: 'all', except: changed(selection.except, id, !wanted) };
}

/** With all of these marked. */
export const markAll = (selection: Selection, ids: readonly string[]): Selection =>
  ids.reduce((marked, id) => mark(marked, id, true), selection);

/** The marked photos as the API takes them: the query, where everything behind the filter is meant. */
export function toSelectionInput(
  selection: Selection,
  datasetId: string,
  filter: PhotoFilter,
): ImageSelectionInput {
  if (selection.kind === 'named') return { datasetId, ids: [...selection.ids] };
  const except = selection.except.size > 0 ? { except: [...selection.except] } : {};
  return { datasetId, filter: toFilterInput(filter), ...except };
}

function changed(set: ReadonlySet<string>, id: string, isMember: boolean): ReadonlySet<string> {
  if (set.has(id) === isMember) return set;
  const next = new Set(set);
  if (isMember) next.add(id);
  else next.delete(id);
  return next;
}
