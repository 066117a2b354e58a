import type { SessionOptions } from '../../runtime/session.js';
import type { ModelBundle } from '../../weights/model-bundle.js';
import { createDualEncoder } from '../dual-encoder.js';
import type { EmbeddingModel } from '../embedding-model.js';
import { openSmallBackbone } from './small-backbone.js';

/** The product's small dual encoder: gallery and texts by the backbone, query pictures by the query tower,
 *  or by the backbone too where `query` is null.
 *  @throws {BundleMismatchError} if the query tower was trained for another backbone. */
export async function loadSmallModel(
  backbone: ModelBundle,
  query: ModelBundle | null,
  options: SessionOptions = {},
): Promise<EmbeddingModel> {
  return createDualEncoder(await openSmallBackbone(backbone), query, options);
}
