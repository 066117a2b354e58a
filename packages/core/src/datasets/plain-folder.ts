import type { Dataset } from './dataset.js';
import { buildDataset, imageRecord, noteAbout } from './dataset-builder.js';
import { isImageName, listFiles } from './file-index.js';

/** Every picture below a folder as a gallery, without captions, classes or queries.
 *  @throws {DatasetError} `NO_IMAGES` when there is none. */
export async function readPlainFolder(dir: string): Promise<Dataset> {
  const { files, strayLinks } = await listFiles(dir);
  const images = files.filter(isImageName).map((file) => imageRecord(dir, file));
  return buildDataset(
    dir,
    images,
    [],
    noteAbout('links that lead out of the folder were left out', strayLinks),
  );
}
