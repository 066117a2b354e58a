import type { RegistryFolder } from './registry-folder.js';
import type { RegisteredModel } from './repository.js';

/** What `loadModel` takes to open a model. */
export interface ModelPlace {
  /** A name: of a bundled model, of a folder, or `clip:<folder>`. */
  readonly name: string;
  /** Folder of a query tower's bundle that goes on it. */
  readonly query: string | null;
}

/** How a bundled model's plain backbone is opened. */
const BACKBONE_OF: Readonly<Record<string, string>> = { 'freestyle-small': 'freestyle-small/backbone' };

/** Where a model is, or null where it can only be used by the server that was started with it.
 *  @param backbone of a query encoder. */
export function placeOf(
  model: Pick<RegisteredModel, 'kind' | 'format' | 'source' | 'contentHash'>,
  backbone: Pick<RegisteredModel, 'kind' | 'format' | 'source' | 'contentHash'> | null,
  folder: Pick<RegistryFolder, 'model'>,
): ModelPlace | null {
  const { kind, format, source, contentHash } = model;
  if (format === 'named') {
    if (source === null) return null;
    return { name: kind === 'BACKBONE' ? (BACKBONE_OF[source] ?? source) : source, query: null };
  }
  const own = folder.model(contentHash);
  if (kind === 'BACKBONE') return { name: format === 'bundle' ? own : `${format}:${own}`, query: null };
  const below = backbone === null ? null : placeOf(backbone, null, folder);
  return below === null ? null : { name: below.name, query: own };
}
