'use client';

import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** Finds who takes the focus; null as long as it is not on the page. */
export type FindSuccessor = () => HTMLElement | null | undefined;

/** True while nothing has the focus: the browser falls back to the page's body, from where Tab begins at the top. */
export const isFocusFree = (): boolean =>
  document.activeElement === null || document.activeElement === document.body;

/** Place of the item that takes the focus in a list of `count` once the one at `place` is gone: the next one, else the one
 *  before it. Places are those of the list without it; -1 where nothing is left. */
export const placeAfter = (place: number, count: number): number => Math.min(place, count - 2);

/**
 * Names who takes the keyboard focus once the control that has it now is gone: one that vanishes by its own action would
 * leave it to the page's body. Looked for after each render of the component that calls this, until it is there;
 * whoever has moved on in the meantime keeps the focus.
 */
export function useFocusHandover(): (find: FindSuccessor) => void {
  const pending = useRef<{ from: Element; find: FindSuccessor } | null>(null);
  useEffect(() => {
    if (!pending.current) return;
    const { from, find } = pending.current;
    if (from === document.activeElement) return;
    // Let go of while it was there, or left for something else.
    if (from.isConnected || !isFocusFree()) pending.current = null;
    const successor = pending.current && find();
    if (!successor) return;
    pending.current = null;
    successor.focus();
  });
  return useCallback((find) => {
    pending.current = { from: document.activeElement ?? document.body, find };
  }, []);
}

/** {@link useFocusHandover} for a place that shows one of several things: whenever it is another one, and the control that
 *  had the focus went with the one before, `successor` takes it. */
export function useFocusOnChange(shown: unknown, successor: RefObject<HTMLElement | null>): void {
  const before = useRef(shown);
  const focused = useRef<EventTarget | null>(null);
  useEffect(() => {
    const remember = ({ target }: FocusEvent) => {
      focused.current = target;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, []);
  useEffect(() => {
    if (before.current === shown) return;
    before.current = shown;
    const isGone = focused.current instanceof Element && !focused.current.isConnected;
    if (isGone && isFocusFree()) successor.current?.focus();
  }, [shown, successor]);
}
