'use client';

import { ActionIcon, type ActionIconProps, Button, type ButtonProps, type ElementProps } from '@mantine/core';
import type { ComponentProps, MouseEvent } from 'react';

type FocusableButtonProps = ButtonProps & ElementProps<'button', keyof ButtonProps>;
type FocusableActionIconProps = ActionIconProps & ElementProps<'button', keyof ActionIconProps>;

/** A button that keeps the focus while it is off or busy, for one that becomes so by being pressed. */
export const FocusableButton = (props: FocusableButtonProps) => <Button {...props} {...focusable(props)} />;

/** {@link FocusableButton} as an icon. */
export const FocusableActionIcon = (props: FocusableActionIconProps) => (
  <ActionIcon {...props} {...focusable(props)} />
);

type Switch = Pick<FocusableButtonProps, 'disabled' | 'loading' | 'onClick'>;

/** Browsers take the focus from a button that is disabled: this one only says that it is, and does nothing. */
function focusable({ disabled = false, loading = false, onClick }: Switch) {
  const isOff = disabled || loading;
  return {
    disabled: false,
    'data-disabled': disabled || undefined,
    'aria-disabled': isOff || undefined,
    onClick: isOff ? (event: MouseEvent) => event.preventDefault() : onClick,
    // The library disables what is loading.
    renderRoot: ({ disabled: _, ...root }: ComponentProps<'button'>) => <button {...root} />,
  };
}
