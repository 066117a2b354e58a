import { useElementSize, useMergedRef } from '@mantine/hooks';
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { formatCount } from '../ui/format';
import { createPointIndex, type Point, pointsInside } from './choose-points';
import { createPointRenderer, type PointRenderer } from './point-renderer';
import classes from './styles.module.css';
import { placeAt, type Tool, useMapView } from './use-map-view';

/** How near the pointer must be to a picture, in pixels. */
const REACH = 9;
const PAN = 40;

export type Hover = { readonly row: number; readonly x: number; readonly y: number };

type PointMapProps = {
  title: string;
  hint: string;
  places: Float32Array;
  rgb: Uint8Array;
  chosen: readonly number[];
  tool: Tool;
  onChoose: (rows: readonly number[], add: boolean) => void;
  onHover: (hover: Hover | null) => void;
};

/** One map of all pictures. Drag moves it, the wheel comes closer; a line drawn round pictures chooses them. */
export function PointMap({ title, hint, places, rgb, chosen, tool, onChoose, onHover }: PointMapProps) {
  const { ref: sizeRef, width, height } = useElementSize();
  const size = useMemo(() => ({ width, height }), [width, height]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const renderer = useRef<PointRenderer | null>(null);
  const adding = useRef(false);
  const id = useId();
  const nearest = useMemo(() => createPointIndex(places), [places]);
  const choose = useCallback(
    (outline: readonly Point[]) => {
      const started = performance.now();
      const rows = pointsInside(places, outline);
      performance.measure('lasso', { start: started, end: performance.now() });
      // A click beside everything lets the choice go.
      onChoose(rows, adding.current && rows.length > 0);
    },
    [places, onChoose],
  );
  const map = useMapView(size, tool, choose);
  const { view } = map;

  useEffect(() => {
    if (canvas.current === null) return;
    const made = createPointRenderer(canvas.current);
    renderer.current = made;
    return () => {
      made.dispose();
      renderer.current = null;
    };
  }, []);
  useEffect(() => renderer.current?.setPlaces(places), [places]);
  useEffect(() => renderer.current?.setColours({ rgb, chosen }), [rgb, chosen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn follows the places and colours too
  useEffect(() => {
    if (width === 0 || height === 0) return;
    const frame = requestAnimationFrame(() => {
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      renderer.current?.draw(view, width, height, ratio, false);
    });
    return () => cancelAnimationFrame(frame);
  }, [view, width, height, places, rgb, chosen]);

  // A wheel over the map comes closer and must not scroll the page: React's own listener may not say so.
  const surface = useRef<HTMLDivElement>(null);
  const { wheel } = map;
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element.getBoundingClientRect();
      wheel([event.clientX - box.left, event.clientY - box.top], event.deltaY);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [wheel]);

  const [focused, setFocused] = useState(false);
  const keys = new Map<string, () => void>([
    ['ArrowLeft', () => map.pan(PAN, 0)],
    ['ArrowRight', () => map.pan(-PAN, 0)],
    ['ArrowUp', () => map.pan(0, PAN)],
    ['ArrowDown', () => map.pan(0, -PAN)],
    ['+', () => map.zoom(1.25)],
    ['=', () => map.zoom(1.25)],
    ['-', () => map.zoom(0.8)],
    ['0', map.reset],
    ['Escape', () => onChoose([], false)],
    // What is on the screen is chosen: the lasso of those who do not draw.
    ['Enter', () => choose(screenOf(view, size))],
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys.get(event.key);
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const ref = useMergedRef(sizeRef, surface);
  return (
    <figure className={classes.map}>
      <figcaption className={classes.mapTitle}>
        <span id={id}>{title}</span>
        <small>{hint}</small>
      </figcaption>
      <div
        ref={ref}
        className={classes.surface}
        data-tool={tool}
        role="application"
        aria-labelledby={id}
        aria-description={`${formatCount(places.length / 2)} pictures. Arrow keys move the map, plus and minus come closer, 0 shows all, Enter chooses what is on the screen, Escape lets go. The table has the same pictures.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: moved and chosen from by keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onPointerDown={(event) => {
          adding.current = event.ctrlKey || event.metaKey;
          onHover(null);
          map.begin(event);
        }}
        onPointerMove={(event) => {
          if (map.move(event)) return;
          const box = event.currentTarget.getBoundingClientRect();
          const at: Point = [event.clientX - box.left, event.clientY - box.top];
          const row = nearest(placeAt(view, size, at), REACH / view.scale);
          onHover(row === null ? null : { row, x: event.clientX, y: event.clientY });
        }}
        onPointerUp={(event) => {
          map.end(event);
        }}
        onPointerCancel={map.end}
        onPointerLeave={() => onHover(null)}
        onDoubleClick={map.reset}
      >
        <canvas ref={canvas} className={classes.canvas} aria-hidden />
        {map.outline.length > 1 && (
          <svg className={classes.outline} aria-hidden>
            <polygon points={map.outline.map(([x, y]) => `${x},${y}`).join(' ')} />
          </svg>
        )}
        {focused && <span className={classes.keys}>← ↑ → ↓ move · + − closer · Enter choose</span>}
      </div>
    </figure>
  );
}

function screenOf(view: Parameters<typeof placeAt>[0], size: { width: number; height: number }): Point[] {
  const corners: Point[] = [
    [0, 0],
    [size.width, 0],
    [size.width, size.height],
    [0, size.height],
  ];
  return corners.map((corner) => placeAt(view, size, corner));
}
