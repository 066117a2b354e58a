/** Rows of one dataset, of some, or (null) of all, as a condition. Rows of no dataset are among all alone. */
export const inDatasets = (
  datasets: string | readonly string[] | null | undefined,
): { datasetId?: string | { in: string[] } } => {
  if (datasets === null || datasets === undefined) return {};
  return { datasetId: typeof datasets === 'string' ? datasets : { in: [...datasets] } };
};
