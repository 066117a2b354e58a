import { type PointerEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { Point } from './choose-points';
import type { View } from './point-renderer';

const ROOM = 0.94;
const CLOSEST = 60;
const STEP = 1.25;

export type Tool = 'move' | 'lasso' | 'box';

type Size = { readonly width: number; readonly height: number };

/** The whole plane, from −1 to 1, in the middle of the canvas. */
const wholeView = ({ width, height }: Size): View => ({
  x: 0,
  y: 0,
  scale: (Math.min(width, height) / 2) * ROOM,
});

/** What part of a map is shown, by pointer, wheel, pinch and keys; and the outline that is being drawn. */
export function useMapView(size: Size, tool: Tool, onOutline: (outline: readonly Point[]) => void) {
  const [view, setView] = useState<View>(() => wholeView(size));
  const [outline, setOutline] = useState<readonly Point[]>([]);
  const pointers = useRef(new Map<number, Point>());
  const whole = wholeView(size);

  // Another size of the canvas shows the same middle, the whole where the whole was shown.
  const before = useRef(size);
  useEffect(() => {
    if (before.current.width === size.width && before.current.height === size.height) return;
    const [old, whole] = [wholeView(before.current).scale, wholeView(size).scale];
    before.current = size;
    // Before it was laid out, the canvas had no size at all.
    setView((now) => (old > 0 ? { ...now, scale: (now.scale * whole) / old } : wholeView(size)));
  }, [size]);

  const zoom = useCallback(
    (factor: number, at: Point = [size.width / 2, size.height / 2]) =>
      setView((now) => {
        const least = wholeView(size).scale;
        const scale = Math.max(least * 0.8, Math.min(least * CLOSEST, now.scale * factor));
        const place = placeAt(now, size, at);
        // What lies under the pointer stays under it.
        return {
          scale,
          x: place[0] - (at[0] - size.width / 2) / scale,
          y: place[1] + (at[1] - size.height / 2) / scale,
        };
      }),
    [size],
  );
  const pan = useCallback(
    (dx: number, dy: number) =>
      setView((now) => ({ ...now, x: clamp(now.x - dx / now.scale), y: clamp(now.y + dy / now.scale) })),
    [],
  );

  const isDrawing = (event: PointerEvent) => (tool !== 'move') !== event.shiftKey;
  const drawing = useRef(false);
  return {
    view,
    outline,
    whole,
    zoom,
    pan,
    reset: () => setView(whole),
    begin(event: PointerEvent<HTMLElement>) {
      event.currentTarget.setPointerCapture(event.pointerId);
      const at = pixelOf(event);
      pointers.current.set(event.pointerId, at);
      drawing.current = pointers.current.size === 1 && isDrawing(event);
      if (drawing.current) setOutline([at]);
    },
    move(event: PointerEvent<HTMLElement>) {
      const last = pointers.current.get(event.pointerId);
      if (last === undefined) return false;
      const at = pixelOf(event);
      pointers.current.set(event.pointerId, at);
      if (drawing.current) {
        const first = outline[0] ?? at;
        const corners: Point[] = [first, [at[0], first[1]], at, [first[0], at[1]]];
        setOutline(tool === 'box' ? corners : [...outline, at]);
        return true;
      }
      const [other] = [...pointers.current].flatMap(([id, point]) => (id === event.pointerId ? [] : [point]));
      if (other !== undefined) {
        zoom(distance(at, other) / Math.max(1, distance(last, other)), [
          (at[0] + other[0]) / 2,
          (at[1] + other[1]) / 2,
        ]);
      } else pan(at[0] - last[0], at[1] - last[1]);
      return true;
    },
    end(event: PointerEvent<HTMLElement>) {
      pointers.current.delete(event.pointerId);
      if (!drawing.current) return;
      drawing.current = false;
      const drawn = outline.map((at) => placeAt(view, size, at));
      setOutline([]);
      onOutline(drawn);
    },
    wheel: (at: Point, deltaY: number) => zoom(deltaY < 0 ? STEP : 1 / STEP, at),
  };
}

const clamp = (value: number) => Math.max(-1.2, Math.min(1.2, value));
const distance = ([ax, ay]: Point, [bx, by]: Point) => Math.hypot(ax - bx, ay - by);

function pixelOf(event: PointerEvent<HTMLElement>): Point {
  const box = event.currentTarget.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The place in the plane under a pixel. */
export const placeAt = (view: View, { width, height }: Size, [px, py]: Point): Point => [
  view.x + (px - width / 2) / view.scale,
  view.y - (py - height / 2) / view.scale,
];
