'use client';

import { SegmentedControl, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback, useHotkeys, useMediaQuery } from '@mantine/hooks';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconEraser,
  IconTrash,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { FocusableActionIcon } from '../ui/focusable-button';
import classes from './sketch-pad.module.css';
import { type PenName, toPng } from './strokes';
import { useCanvas } from './use-canvas';
import { useDrawing } from './use-drawing';

type SketchPadProps = {
  /** An earlier sketch to go on from, read once when the pad opens. */
  baseUrl: string | null;
  /** Called a moment after each stroke with the picture, or null when the paper is empty again. */
  onPicture: (picture: Blob | null) => void;
  onClose: () => void;
};

/** After a stroke the hand often goes on at once: waiting this long saves searches nobody would see. */
const SETTLE_MS = 160;

/** Paper to draw on with mouse, finger or pen: pressure, undo and redo, an eraser, three pens. */
export function SketchPad({ baseUrl, onPicture, onClose }: SketchPadProps) {
  const { sheet, canUndo, canRedo, draw, undo, redo, clear } = useDrawing(baseUrl !== null);
  const [tool, setTool] = useState<PenName | 'eraser'>('medium');
  const basePicture = useBasePicture(baseUrl);
  const { strokes } = sheet;
  const base = sheet.hasBase ? basePicture : null;
  const isPhone = useMediaQuery('(max-width: 48em)');
  const erases = tool === 'eraser';
  const pen = erases ? 'medium' : tool;
  const { canvasRef, handlers } = useCanvas({ strokes, base, pen, erases, onStroke: draw });
  const isEmpty = !base && strokes.every((stroke) => stroke.erases);

  const send = useDebouncedCallback(async () => {
    onPicture(isEmpty ? null : await toPng(strokes, base));
  }, SETTLE_MS);
  const sent = useRef(sheet);
  useEffect(() => {
    if (sent.current === sheet) return;
    sent.current = sheet;
    send();
  }, [sheet, send]);

  useHotkeys([
    ['mod+Z', undo],
    ['mod+shift+Z', redo],
  ]);

  return (
    <section className={classes.pad} aria-label="Sketch pad">
      <div className={classes.paper}>
        <canvas
          ref={canvasRef}
          className={classes.canvas}
          data-erases={erases || undefined}
          role="img"
          aria-label="Paper: draw with mouse, finger or pen"
          {...handlers}
        />
        {strokes.length === 0 && !base && <p className={classes.hint}>Draw what you remember</p>}
      </div>
      <div className={classes.tools}>
        <SegmentedControl
          orientation={isPhone ? 'vertical' : 'horizontal'}
          size="xs"
          aria-label="Pen"
          value={tool}
          onChange={(value) => setTool(value as PenName | 'eraser')}
          data={[
            { value: 'fine', label: <PenLabel name="Fine pen" dot={4} /> },
            { value: 'medium', label: <PenLabel name="Medium pen" dot={7} /> },
            { value: 'broad', label: <PenLabel name="Broad pen" dot={12} /> },
            { value: 'eraser', label: <EraserLabel /> },
          ]}
        />
        <div className={classes.buttons}>
          <PadButton label="Undo (Ctrl Z)" icon={IconArrowBackUp} onClick={undo} disabled={!canUndo} />
          <PadButton label="Redo" icon={IconArrowForwardUp} onClick={redo} disabled={!canRedo} />
          <PadButton
            label="Clear the paper"
            icon={IconTrash}
            onClick={clear}
            disabled={isEmpty && !canUndo}
          />
          <PadButton label="Close the sketch pad" icon={IconX} onClick={onClose} />
        </div>
      </div>
    </section>
  );
}

function PenLabel({ name, dot }: { name: string; dot: number }) {
  return (
    <span className={classes.toolLabel} title={name}>
      <span className={classes.dot} style={{ width: dot, height: dot }} />
      <VisuallyHidden>{name}</VisuallyHidden>
    </span>
  );
}

function EraserLabel() {
  return (
    <span className={classes.toolLabel} title="Eraser">
      <IconEraser size={16} stroke={1.6} aria-hidden />
      <VisuallyHidden>Eraser</VisuallyHidden>
    </span>
  );
}

type PadButtonProps = { label: string; icon: TablerIcon; onClick: () => void; disabled?: boolean };

function PadButton({ label, icon: Icon, onClick, disabled = false }: PadButtonProps) {
  return (
    <Tooltip label={label}>
      <FocusableActionIcon
        variant="subtle"
        color="gray"
        size={30}
        aria-label={label}
        onClick={onClick}
        disabled={disabled}
      >
        <Icon size={17} stroke={1.6} />
      </FocusableActionIcon>
    </Tooltip>
  );
}

/** The picture that the pad started from, once it is loaded. */
function useBasePicture(url: string | null): HTMLImageElement | null {
  const [firstUrl] = useState(url);
  const [picture, setPicture] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    if (!firstUrl) return;
    const image = new Image();
    let isCurrent = true;
    image.onload = () => isCurrent && setPicture(image);
    image.src = firstUrl;
    return () => {
      isCurrent = false;
    };
  }, [firstUrl]);
  return picture;
}
