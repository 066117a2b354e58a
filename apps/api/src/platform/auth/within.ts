import { ForbiddenError, NotFoundError } from '../errors.js';

interface OfDataset {
  readonly datasetId: string | null;
}

/** The rows that belong to some datasets. */
export const within = <Row extends OfDataset>(rows: readonly Row[], datasets: ReadonlySet<string>): Row[] =>
  rows.filter(({ datasetId }) => datasetId !== null && datasets.has(datasetId));

/** What is asked for, kept to some datasets. @throws {NotFoundError} for another one. */
export function narrowed(
  wanted: string | null | undefined,
  datasets: ReadonlySet<string>,
): string | readonly string[] {
  if (wanted === null || wanted === undefined) return [...datasets];
  if (!datasets.has(wanted)) throw new NotFoundError('There is no such dataset.');
  return wanted;
}

/** @throws {ForbiddenError} always: a caller who may see some datasets makes none. */
export function refuseNewDataset(): never {
  throw new ForbiddenError('You may see some datasets alone: name the one of them that takes the pictures.');
}
