/** What the names of held-out makers begin with: a picture by one of them can be told by the name of its maker alone. */
export const HELD_OUT_PREFIX = 'unseen-';

/** Whether a maker of that name is kept from training. */
export const isHeldOut = (maker: unknown): boolean =>
  typeof maker === 'string' && maker.startsWith(HELD_OUT_PREFIX);

const UNSEEN = ' (unseen makers)';

/** The name under which queries of a style by held-out makers are reported: a style of their own. */
export const unseenStyle = (style: string): string => (isUnseenStyle(style) ? style : `${style}${UNSEEN}`);

/** Whether a reported style is one of held-out makers. */
export const isUnseenStyle = (style: string): boolean => style.endsWith(UNSEEN);

/** The style itself: `art` for `art (unseen makers)`. */
export const plainStyle = (style: string): string =>
  isUnseenStyle(style) ? style.slice(0, -UNSEEN.length) : style;
