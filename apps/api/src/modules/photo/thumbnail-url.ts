import { type Caller, hasRole } from '../../platform/auth/caller.js';
import { ValidationError } from '../../platform/errors.js';
import { thumbnailSizeFor } from '../../platform/storage/blob-store.js';

/** Path of a thumbnail with at least `size` pixels at its longest edge. @throws {ValidationError} below 1 */
export function thumbnailUrl(contentHash: string, size: number | null | undefined): string {
  const wanted = size ?? 256;
  if (wanted < 1) throw ValidationError.at(['size'], `expected at least 1, got ${wanted}`);
  return `/thumbnails/${thumbnailSizeFor(wanted)}/${contentHash}`;
}

/** The same of a photo that may be deleted: it is shown to nobody but those who may bring it back. */
export const deletedThumbnailUrl = (
  contentHash: string,
  size: number | null | undefined,
  caller: Caller | null,
): string => `${thumbnailUrl(contentHash, size)}${hasRole(caller, 'CURATOR') ? '?deleted=1' : ''}`;
