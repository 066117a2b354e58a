import { type LoadersOf, rowLoader, valueLoader } from '../../platform/graphql/loaders.js';
import type { Services } from '../../platform/services.js';
import type { DatasetVersion } from './repository.js';

declare module '../../platform/graphql/loaders.js' {
  interface Loaders extends LoadersOf<typeof versionLoaders> {}
}

export const versionLoaders = {
  versions: ({ versions }: Services) => rowLoader('version', (ids) => versions.byIds(ids)),
  versionsOfImages: ({ versions }: Services) =>
    valueLoader<DatasetVersion[]>((ids) => versions.ofImages(ids), []),
};
