import type { Transaction } from './item-batch.js';

/** Searches went to another embedding space since the batch was encoded. */
export class SpaceChangedError extends Error {
  constructor() {
    super('another model answers by now');
    this.name = 'SpaceChangedError';
  }
}

/** Makes sure, until the transaction ends, that searches go to this space: photos shall not come into one that nobody
 *  searches any more. @throws {SpaceChangedError} */
export async function holdSpace(tx: Transaction, spaceId: number): Promise<void> {
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT space_id AS id FROM live_encoder WHERE answers FOR SHARE`;
  const [row] = rows;
  // Before the first start has named one, there is nothing to change from.
  if (row !== undefined && row.id !== spaceId) throw new SpaceChangedError();
}
