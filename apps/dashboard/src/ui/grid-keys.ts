import type { KeyboardEvent } from 'react';

/** Arrow keys walk a list of buttons as it is laid out, whatever its columns; Home and End jump. */
export function moveFocusInGrid(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('li button')];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (at < 0) return;
  const top = buttons[0]?.offsetTop;
  const columns = Math.max(1, buttons.filter(({ offsetTop }) => offsetTop === top).length);
  const places: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    Home: 0,
    End: buttons.length - 1,
  };
  const place = places[event.key];
  const target = place === undefined ? undefined : buttons[place];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
