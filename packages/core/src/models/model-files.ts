import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../weights/hub-error.js';
import type { ModelHub } from '../weights/model-hub.js';
import { ModelError } from './model-error.js';

/** The files of one model, wherever they lie. */
export interface ModelFiles {
  /** What the model was asked for as, for messages. */
  readonly name: string;
  /** Path of the first of these that there is; undefined when there is none. */
  find(...candidates: string[]): Promise<string | undefined>;
  /** Like find. @throws {ModelError} `MODEL_FILES` naming all candidates when there is none. */
  require(...candidates: string[]): Promise<string>;
}

/** Files in a folder. */
export function localFiles(folder: string): ModelFiles {
  const has = (path: string): Promise<boolean> =>
    stat(path).then(
      (info) => info.isFile(),
      () => false,
    );
  return modelFiles(folder, async (file) => {
    const path = join(folder, file);
    return (await has(path)) ? path : undefined;
  });
}

/** Files of a repository on a model hub, fetched when asked for, all of the commit that the first one came from. */
export function hubFiles(hub: ModelHub, repo: string, revision?: string): ModelFiles {
  let pinned = revision;
  return modelFiles(revision === undefined ? repo : `${repo}@${revision}`, async (file) => {
    try {
      const { path, commit } = await hub.fetch({
        repo,
        file,
        ...(pinned === undefined ? {} : { revision: pinned }),
      });
      pinned = commit;
      return path;
    } catch (error) {
      // Without the hub, a candidate that the model never had looks the same as one that was never fetched.
      if (error instanceof HubError && (error.code === 'HUB_NOT_FOUND' || error.code === 'HUB_OFFLINE'))
        return error;
      throw error;
    }
  });
}

/** @param locate path of a file; undefined or the reason where there is none. */
function modelFiles(
  name: string,
  locate: (file: string) => Promise<string | HubError | undefined>,
): ModelFiles {
  const search = async (candidates: readonly string[]): Promise<string | HubError | undefined> => {
    let offline: HubError | undefined;
    for (const file of candidates) {
      const found = await locate(file);
      if (typeof found === 'string') return found;
      if (found?.code === 'HUB_OFFLINE') offline = found;
    }
    return offline;
  };
  return {
    name,
    find: async (...candidates) => {
      const found = await search(candidates);
      return typeof found === 'string' ? found : undefined;
    },
    require: async (...candidates) => {
      const found = await search(candidates);
      if (typeof found === 'string') return found;
      const why = found ? ` in the cache (${found.message})` : '';
      throw new ModelError(
        'MODEL_FILES',
        name,
        `has none of the files ${candidates.join(', ')}${why}`,
        found,
      );
    },
  };
}

/** A JSON file of a model.
 *  @throws {ModelError} `MODEL_CONFIG` when it is not JSON. */
export async function readModelJson(model: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new ModelError('MODEL_CONFIG', model, `${path} is not JSON`, cause);
  }
}
