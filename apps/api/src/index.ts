export type { JobHandle, RunningServer, ServerOptions } from './create-server.js';
export { createServer } from './create-server.js';
export { ApiError, StartError, type StartErrorCode } from './errors.js';
export type { Job, JobKind, JobState } from './modules/job/repository.js';
export { readSettings, type Settings } from './settings.js';
export { openModel } from './start/open-model.js';
