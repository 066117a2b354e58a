import type { ModelOrigin, PromotionKind } from '../generated/graphql';
import type { ModelRow } from './model-queries';

export const ORIGIN_WORDS: Record<ModelOrigin, string> = {
  STARTED: 'came with the server',
  HUB: 'from the hub',
  FOLDER: 'from a folder',
  UPLOAD: 'uploaded',
  TRAINED: 'trained here',
};

export const PROMOTION_WORDS: Record<PromotionKind, string> = {
  START: 'Started with',
  PROMOTE: 'Promoted',
  ROLLBACK: 'Rolled back to',
  SWITCH: 'Switched the space to',
};

/** "trained here on scenes v2". */
export function originWords({
  origin,
  training,
  source,
}: Pick<ModelRow, 'origin' | 'training' | 'source'>): string {
  if (training) return `${ORIGIN_WORDS[origin]} on ${training.datasetName} v${training.versionNumber}`;
  return origin === 'HUB' && source ? `${ORIGIN_WORDS[origin]}: ${source}` : ORIGIN_WORDS[origin];
}

export const modelHref = (id: string) => `/models/${encodeURIComponent(id)}`;
