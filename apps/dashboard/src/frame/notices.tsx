'use client';

import { Notifications } from '@mantine/notifications';
import { type FocusEvent, type MouseEvent, useRef } from 'react';
import classes from './frame.module.css';

/** What was done, with its Undo. Whatever is pressed in a notice puts it away: the focus goes back to where it was. */
export function Notices() {
  const before = useRef<HTMLElement | null>(null);
  const onFocus = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
    if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget))
      before.current = relatedTarget;
  };
  const onClick = ({ currentTarget }: MouseEvent<HTMLElement>) => {
    if (!currentTarget.contains(document.activeElement)) return;
    const target = before.current?.isConnected ? before.current : document.getElementById('content');
    target?.focus({ preventScroll: true });
  };
  return (
    <Notifications
      className={classes.notices}
      position="bottom-left"
      limit={3}
      containerWidth={340}
      withinPortal={false}
      onFocus={onFocus}
      onClick={onClick}
    />
  );
}
