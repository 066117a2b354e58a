import { type DatasetVersion, datasetVersion, versionProblem } from '@freestyle/core/datasets';
import type { CliContext } from './cli-context.js';

/** Which versions of their datasets lie in the folders; says so where a folder is not what it claims to be.
 *  @throws {DatasetError} */
export async function readVersions(
  folders: readonly string[],
  context: Pick<CliContext, 'note'>,
): Promise<DatasetVersion[]> {
  const versions: DatasetVersion[] = [];
  for (const folder of folders) {
    const version = await datasetVersion(folder);
    const problem = versionProblem(version);
    if (problem !== null) context.note(problem);
    versions.push(version);
  }
  return versions;
}
