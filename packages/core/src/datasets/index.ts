export type { Dataset } from './dataset.js';
export {
  type DatasetVersion,
  datasetVersion,
  namedVersions,
  VERSION_NAME,
  versionProblem,
} from './dataset-version.js';
export { readDatasetFolder } from './read-dataset-folder.js';
export { openDatasetWriter } from './write-dataset-folder.js';
