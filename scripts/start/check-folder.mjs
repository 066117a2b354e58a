import { accessSync, constants, statSync } from 'node:fs';

/** Whether the folder of photos can be read at all. @returns {string | null} what stands in the way, in one line */
export function folderProblem(folder) {
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is not a folder.`;
    accessSync(folder, constants.R_OK | constants.X_OK);
    return null;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return `there is no folder ${folder}.`;
    return `the folder ${folder} cannot be read (${error.code}).`;
  }
}
