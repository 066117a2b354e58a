/** What the names of held-out makers begin with: a picture by one of them can be told by the name of its maker alone. */
export const HELD_OUT_PREFIX = 'unseen-';

/** Whether a maker of that name is kept from training. */
export const isHeldOut = (maker: unknown): boolean =>
  typeof maker === 'string' && maker.startsWith(HELD_OUT_PREFIX);
