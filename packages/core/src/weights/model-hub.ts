import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { atomicWrite } from './atomic-write.js';
import { withFileLock } from './file-lock.js';
import { hashContent } from './hash-file.js';
import { HubError } from './hub-error.js';
import { lookUpFile } from './hub-lookup.js';
import { type HubConnection, openConnection, type ProxySettings } from './hub-request.js';
import { explain, type RemoteFile, type TransferProgress, transferFile } from './hub-transfer.js';

/** Where models come from and where they are kept. */
export interface HubOptions {
  /** Folder that keeps what was downloaded. */
  readonly cacheFolder: string;
  /** Address of the hub, `https://huggingface.co` by default; a mirror that serves the same paths will do. */
  readonly baseUrl?: string;
  /** Access token for gated models; sent to the hub itself only. */
  readonly token?: string;
  readonly proxy?: ProxySettings;
  /** Answer from the cache only. */
  readonly offline?: boolean;
  /** Give up on a connection that is silent for so long, 30 s by default. */
  readonly timeoutMs?: number;
  /** First pause before a retry, doubled each time, 500 ms by default. */
  readonly retryDelayMs?: number;
}

/** One file of a model. */
export interface HubFileRequest {
  /** `owner/name`. */
  readonly repo: string;
  /** Path inside the repository. */
  readonly file: string;
  /** Branch, tag or commit, `main` by default. */
  readonly revision?: string;
  /** Expected SHA-256, hex; checked beside the hub's own. */
  readonly sha256?: string;
  readonly onProgress?: TransferProgress;
}

/** A file of a model on this disk. */
export interface HubFile {
  readonly path: string;
  /** Commit that it belongs to; ask for the model's other files under it, so that a branch that moves between two
   *  requests never mixes two versions. */
  readonly commit: string;
}

/** A model hub with its offline cache. */
export interface ModelHub {
  /** The file on disk, downloaded if it is not there yet. Where the hub cannot be reached, what was fetched before
   *  is still given, and what was not is `HUB_OFFLINE` as long as anything of that model is here.
   *  @throws {HubError} */
  fetch(request: HubFileRequest): Promise<HubFile>;
  close(): Promise<void>;
}

/** Opens a hub. Files are kept by commit, so that a moved branch never mixes two versions of a model;
 *  which commit a branch stood at is remembered for when there is no network. */
export function openModelHub(options: HubOptions): ModelHub {
  const baseUrl = (options.baseUrl ?? 'https://huggingface.co').replace(/\/+$/, '');
  const connection = openConnection(options.proxy ?? {}, options.token, options.timeoutMs ?? 30_000);
  const running = new Map<string, Promise<HubFile>>();

  const download = async (request: HubFileRequest): Promise<HubFile> => {
    const folder = join(options.cacheFolder, request.repo.replace('/', '--'));
    const revision = request.revision ?? 'main';
    const refPath = join(folder, 'refs', encodeURIComponent(revision));
    const known = isCommit(revision) ? revision : await readFile(refPath, 'utf8').catch(() => undefined);
    const cached =
      known === undefined ? undefined : { path: join(folder, known, request.file), commit: known };
    const isCached = cached !== undefined && (await exists(cached.path));
    if (isCached && (options.offline || known === revision)) return cached;
    const url = fileUrl(baseUrl, request);
    if (options.offline) throw offlineError(url, options.cacheFolder, 'offline was asked for');
    const remote = await lookUpFile(connection, url).catch((error: unknown) => explain(url, error));
    if (remote instanceof HubError) {
      // No network is no reason to refuse what lies on the disk.
      if (isCached && remote.code === 'HUB_UNREACHABLE') return cached;
      if (known !== undefined && remote.code === 'HUB_UNREACHABLE' && (await exists(join(folder, known)))) {
        throw offlineError(url, options.cacheFolder, 'the hub cannot be reached', remote);
      }
      throw remote;
    }
    const commit = remote.commit ?? revision;
    const path = join(folder, commit, request.file);
    const wanted = { ...remote, sha256: request.sha256 ?? remote.sha256 };
    if (!(await exists(path)))
      await fetchInto(path, connection, wanted, options.retryDelayMs, request.onProgress);
    await atomicWrite(refPath, (file) => file.writeFile(commit));
    return { path, commit };
  };

  return {
    fetch: (request) => {
      assertNames(request);
      const key = [request.repo, request.revision ?? 'main', request.file].join('\n');
      const going = running.get(key) ?? download(request).finally(() => running.delete(key));
      running.set(key, going);
      return going;
    },
    close: () => connection.dispatcher.close(),
  };
}

async function fetchInto(
  target: string,
  connection: HubConnection,
  remote: RemoteFile,
  retryDelayMs = 500,
  onProgress?: TransferProgress,
): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    const partial = partialPath(target, remote.etag);
    // Other processes write into the same partial file, and rename it away.
    await withFileLock(`${partial}.lock`, async () => {
      if (await exists(target)) return;
      // Without an identity nobody can say whether what lies here belongs to the same content.
      if (remote.etag === undefined) await rm(partial, { force: true });
      await transferFile(connection, remote, partial, target, retryDelayMs, onProgress);
    });
  } catch (error) {
    // A process that was taken for dead may have finished it: only whole and checked files bear this name.
    if (await exists(target)) return;
    throw explain(remote.url, error);
  }
}

/** Where an unfinished download lies: beside its target, under the identity of the content, so that a
 *  file which changed on the hub is never completed with bytes of another version. */
export function partialPath(target: string, etag: string | undefined): string {
  return `${target}.${hashContent(etag ?? 'unknown').slice(0, 16)}.partial`;
}

function offlineError(url: URL, cacheFolder: string, why: string, cause?: unknown): HubError {
  return new HubError(
    'HUB_OFFLINE',
    url.href,
    `not in the cache folder ${cacheFolder}, and ${why}; fetch it once while online`,
    cause,
  );
}

const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

function fileUrl(baseUrl: string, { repo, file, revision }: HubFileRequest): URL {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return new URL(`${baseUrl}/${repo}/resolve/${encodeURIComponent(revision ?? 'main')}/${path}`);
}

/** Names become paths on this disk: nothing that could leave the cache folder is let through. */
function assertNames({ repo, file, revision }: HubFileRequest): void {
  const part = /^(?!\.+$)[\w.-]+$/;
  const pathOk = (path: string, most: number): boolean => {
    const parts = path.split('/');
    return parts.length <= most && parts.every((name) => part.test(name));
  };
  if (!pathOk(repo, 2))
    throw new HubError('HUB_NAME', `"${repo}"`, 'not a model name; expected "owner/name"');
  if (!pathOk(file, 8))
    throw new HubError('HUB_NAME', `"${file}"`, 'not a file path inside a model repository');
  if (revision !== undefined && !pathOk(revision, 8)) {
    throw new HubError('HUB_NAME', `"${revision}"`, 'not a branch, tag or commit');
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
