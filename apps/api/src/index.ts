export type { RunningServer, ServerOptions } from './create-server.js';
export { createServer } from './create-server.js';
export type { JobHandle } from './modules/import/import-folder.js';
export { openModel } from './modules/model/open-model.js';
export { readSettings, type Settings } from './platform/config/settings.js';
export { ApiError, StartError, type StartErrorCode } from './platform/errors.js';
export type { Job, JobState } from './platform/jobs/job-repository.js';
