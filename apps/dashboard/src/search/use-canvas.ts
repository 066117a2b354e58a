'use client';

import { type PointerEvent, useCallback, useEffect, useRef } from 'react';
import { PAD_SIZE, type PenName, type Point, paint, type Stroke, strokeSize } from './strokes';

type CanvasOptions = {
  strokes: readonly Stroke[];
  base: CanvasImageSource | null;
  pen: PenName;
  erases: boolean;
  onStroke: (stroke: Stroke) => void;
};

/** Binds a canvas to a drawing: paints it at the screen's own resolution and turns pointer moves into strokes. */
export function useCanvas({ strokes, base, pen, erases, onStroke }: CanvasOptions) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const current = useRef<Stroke | null>(null);
  const frame = useRef(0);

  const repaint = useCallback(() => {
    const canvas = canvasRef.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const pixels = Math.max(1, Math.round(canvas.clientWidth * window.devicePixelRatio));
    if (canvas.width !== pixels) {
      canvas.width = pixels;
      canvas.height = pixels;
    }
    paint(context, current.current ? [...strokes, current.current] : strokes, base);
  }, [strokes, base]);

  const schedule = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(repaint);
  }, [repaint]);

  useEffect(() => {
    repaint();
    const canvas = canvasRef.current;
    if (!canvas) return;
    const observer = new ResizeObserver(schedule);
    observer.observe(canvas);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
    };
  }, [repaint, schedule]);

  const finish = () => {
    if (current.current) onStroke(current.current);
    current.current = null;
  };

  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLCanvasElement>) => {
      if (event.button !== 0 || current.current) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      current.current = {
        points: [pointOf(event.currentTarget, event)],
        size: strokeSize(pen, erases),
        erases,
        simulatePressure: event.pointerType !== 'pen',
      };
      schedule();
    },
    onPointerMove: (event: PointerEvent<HTMLCanvasElement>) => {
      const stroke = current.current;
      if (!stroke) return;
      // Browsers merge fast moves into one event; the moves in between make the line round.
      const moves = event.nativeEvent.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event])
        stroke.points.push(pointOf(event.currentTarget, move));
      schedule();
    },
    onPointerUp: finish,
    onPointerCancel: finish,
  };
  return { canvasRef, handlers };
}

function pointOf(canvas: HTMLCanvasElement, { clientX, clientY, pressure }: PointLike): Point {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [((clientX - left) / width) * PAD_SIZE, ((clientY - top) / height) * PAD_SIZE, pressure];
}

type PointLike = { clientX: number; clientY: number; pressure: number };
