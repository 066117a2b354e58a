import DataLoader from 'dataloader';
import { type LoadersOf, rowLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';
import type { UploadProgress } from './service.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof uploadLoaders> {}
}

export const uploadLoaders = {
  uploads: ({ uploads }: Services) => rowLoader('upload', (ids) => uploads.byIds(ids)),
  uploadProgress: ({ uploads }: Services) =>
    new DataLoader<string, UploadProgress>((ids) => Promise.all(ids.map((id) => uploads.progress(id)))),
};
