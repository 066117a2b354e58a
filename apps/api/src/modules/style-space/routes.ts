import type { CuratedStyles } from '@freestyle/core/style-space';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { type Request, Router } from 'express';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';
import { NotFoundError, UnauthenticatedError } from '../../platform/errors.js';
import { readySpace } from './drafts.js';
import { type MapNames, mapNames } from './map-names.js';
import type { StyleSpace, StyleSpaceRepository } from './repository.js';
import type { StyleSpaceService } from './service.js';
import type { SpaceContent } from './space-content.js';

export interface MapRoutesParts {
  readonly spaces: StyleSpaceRepository;
  readonly service: () => StyleSpaceService;
  callerOf(request: Request): Caller | null;
}

/** What lies on the maps, as numbers: GraphQL carries no megabytes.
 *  `/style-spaces/<id>/map` — places and facts of every picture: `n` uint32, then float32 `[n]` each: style x, style y,
 *  meaning x, meaning y; then uint16 `[n]` each: style, class, split (places in the lists of `StyleMap`, 65535 for none);
 *  then uint8 `[n]`: 1 for a query. Little-endian. It never changes.
 *  `/style-spaces/<id>/versions/<number>/clusters` and `/style-drafts/<id>/<revision>/clusters` — uint8 `[n]`: the place of
 *  its cluster, 255 for none; then uint8 `[n]`: 1 outside every known style, 2 put there by a curator, 4 pinned. */
export function createMapRoutes({ spaces, service, callerOf }: MapRoutesParts): Router {
  const router = Router();
  const readable = async (request: Request, id: string): Promise<StyleSpace> => {
    const caller = callerOf(request);
    if (!hasRole(caller, 'VIEWER')) throw new UnauthenticatedError();
    const space = await readySpace(spaces, id);
    if (!maySee(caller, space.datasetId)) throw new NotFoundError('There is no such style space.');
    return space;
  };
  const send = (response: import('express').Response, bytes: Uint8Array, immutable: boolean) => {
    response.set({
      'content-type': 'application/octet-stream',
      'cache-control': immutable ? 'private, max-age=31536000, immutable' : 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  };
  router.get('/style-spaces/:id/map', async (request, response) => {
    const space = await readable(request, rowId(request.params.id, 'StyleSpace'));
    const content = await service().work.content(space.id);
    send(response, mapBytes(content, mapNames(content)), true);
  });
  router.get('/style-spaces/:id/versions/:number/clusters', async (request, response) => {
    const space = await readable(request, rowId(request.params.id, 'StyleSpace'));
    const { styles } = await service().work.version(space, Number.parseInt(request.params.number, 10) || 0);
    send(response, clusterBytes(styles), true);
  });
  router.get('/style-drafts/:id/:revision/clusters', async (request, response) => {
    const [draft] = await service().drafts.byIds([rowId(request.params.id, 'StyleDraft')]);
    if (draft === undefined || String(draft.revision) !== request.params.revision)
      throw new NotFoundError('There are no such edits any more.');
    await readable(request, draft.spaceId);
    send(response, clusterBytes(await service().drafts.styles(draft)), true);
  });
  return router;
}

const NONE_16 = 65_535;

export function mapBytes({ pictures }: SpaceContent, names: MapNames): Uint8Array {
  const n = pictures.length;
  const bytes = new Uint8Array(4 + 16 * n + 6 * n + n);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, n, true);
  const [styles, classes, splits] = [names.styles, names.classes, names.splits].map(
    (list) => new Map(list.map((name, at) => [name, at])),
  );
  for (const [row, picture] of pictures.entries()) {
    const { styleX, styleY, meaningX, meaningY, style, className, split, isQuery } = picture;
    for (const [part, value] of [styleX, styleY, meaningX, meaningY].entries())
      view.setFloat32(4 + 4 * (part * n + row), value, true);
    const places = [styles?.get(style ?? ''), classes?.get(className ?? ''), splits?.get(split ?? '')];
    for (const [part, place] of places.entries())
      view.setUint16(4 + 16 * n + 2 * (part * n + row), place ?? NONE_16, true);
    bytes[4 + 22 * n + row] = isQuery ? 1 : 0;
  }
  return bytes;
}

export function clusterBytes({ clusters, labels, cosines, held, knownCosine }: CuratedStyles): Uint8Array {
  const n = labels.length;
  const bytes = new Uint8Array(2 * n);
  const pinned = new Set(clusters.flatMap((cluster) => cluster.pinned));
  for (let row = 0; row < n; row++) {
    const label = labels[row] ?? -1;
    bytes[row] = label < 0 ? 255 : label;
    bytes[n + row] =
      ((cosines[row] ?? 0) < knownCosine ? 1 : 0) + (held[row] === 1 ? 2 : 0) + (pinned.has(row) ? 4 : 0);
  }
  return bytes;
}

function rowId(globalId: string, type: string): string {
  try {
    const { typename, id } = decodeGlobalID(globalId);
    if (typename === type && /^[0-9a-f-]{36}$/.test(id)) return id;
  } catch {
    // Told below.
  }
  throw new NotFoundError(`There is no such ${type === 'StyleSpace' ? 'style space' : 'draft'}.`);
}
