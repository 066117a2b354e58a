import { type HubConnection, hubRequest } from './hub-request.js';
import { type RemoteFile, statusError } from './hub-transfer.js';

/** A file as a hub describes it; `commit` is undefined for servers that know no commits. */
export interface HubDescription extends RemoteFile {
  readonly commit: string | undefined;
}

/** Asks a hub about a file without fetching it.
 *  @throws {HubError} */
export async function lookUpFile(connection: HubConnection, url: URL): Promise<HubDescription> {
  const response = await hubRequest(connection, 'HEAD', url, {});
  const { status, firstHeaders, headers } = response;
  // A redirect away from the hub is the address of its storage: the file is there.
  if (status !== 200 && !(status >= 300 && status < 400)) throw await statusError(url, response);
  await response.body.dump();
  const linkedEtag = plainEtag(firstHeaders.get('x-linked-etag'));
  const size =
    firstHeaders.get('x-linked-size') ?? (status === 200 ? headers.get('content-length') : undefined);
  return {
    url,
    etag: linkedEtag ?? plainEtag(headers.get('etag')),
    bytes: size === undefined ? undefined : Number(size),
    // Large files' identity on the hub is their SHA-256.
    sha256: linkedEtag !== undefined && /^[0-9a-f]{64}$/.test(linkedEtag) ? linkedEtag : undefined,
    commit: safeCommit(firstHeaders.get('x-repo-commit')),
  };
}

const plainEtag = (header: string | undefined): string | undefined =>
  header?.replace(/^W\//, '').replaceAll('"', '');

/** It becomes a folder's name. */
function safeCommit(header: string | undefined): string | undefined {
  return header !== undefined && /^[\w.-]{1,64}$/.test(header) && !/^\.+$/.test(header) ? header : undefined;
}
