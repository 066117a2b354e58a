import { formatPlural } from '../ui/format';
import type { Version } from './version-queries';

/** "Version 3", with its name where it has one: "Version 3, before the split". */
export const versionTitle = ({ number, name }: Pick<Version, 'number' | 'name'>) =>
  name ? `Version ${number}, ${name}` : `Version ${number}`;

/** "6,000 photos · 30,000 captions · 12,000 queries": only what there is. */
export const versionCounts = ({ imageCount, captionCount, queryCount }: Version) =>
  [
    formatPlural(imageCount, 'photo'),
    captionCount > 0 && formatPlural(captionCount, 'caption'),
    queryCount > 0 && formatPlural(queryCount, 'query', 'queries'),
  ]
    .filter(Boolean)
    .join(' · ');
