import { Prisma } from '../../generated/prisma/client.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ValidationError } from '../../platform/errors.js';
import { checkFilter, type ImageFilter } from './filter.js';
import { imageCondition } from './filter-sql.js';

/** Photos to count or to change: those named, or everything behind the filter but some. */
export interface ImageSelection {
  readonly datasetId: string;
  readonly ids: readonly string[] | null;
  readonly filter: ImageFilter;
  readonly except: readonly string[];
}

export interface SelectionInput {
  readonly datasetId: string;
  readonly filter?: ImageFilter | null | undefined;
  readonly ids?: readonly string[] | null | undefined;
  readonly except?: readonly string[] | null | undefined;
}

// Half a megabyte of ids; whoever means more of them means a filter.
export const MAX_IDS = 10_000;

/** @throws {ValidationError} */
export function checkSelection({ datasetId, filter, ids, except }: SelectionInput): ImageSelection {
  if (ids && (filter || except)) {
    throw ValidationError.at(
      ['selection', 'ids'],
      'expected either ids, or a filter with except; name the photos or describe them',
    );
  }
  for (const [name, list] of Object.entries({ ids, except })) checkIds(list, ['selection', name]);
  return {
    datasetId,
    ids: ids ? [...new Set(ids)] : null,
    filter: checkFilter(filter, ['selection', 'filter']),
    except: [...new Set(except ?? [])],
  };
}

function checkIds(ids: readonly string[] | null | undefined, path: readonly string[]): void {
  if (!ids) return;
  if (ids.length > MAX_IDS) {
    throw ValidationError.at(path, `expected at most ${MAX_IDS} photos, got ${ids.length}; use a filter`);
  }
  const wrong = ids.findIndex((id) => !isUuid(id));
  if (wrong >= 0) throw ValidationError.at([...path, String(wrong)], 'this is no id of a photo');
}

/** The selection as a condition on `image i`. */
export function selectionCondition(
  { datasetId, ids, filter, except }: ImageSelection,
  spaceId: number | null,
): Prisma.Sql {
  if (ids !== null) {
    return Prisma.sql`i.dataset_id = ${datasetId}::uuid AND i.id = ANY(${[...ids]}::uuid[])`;
  }
  const condition = imageCondition({ datasetId, spaceId, filter });
  return except.length === 0 ? condition : Prisma.sql`${condition} AND i.id <> ALL(${[...except]}::uuid[])`;
}
