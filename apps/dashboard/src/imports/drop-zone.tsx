'use client';

import { Button } from '@mantine/core';
import { IconFile, IconFolder, IconPhotoUp } from '@tabler/icons-react';
import { type DragEvent, type Ref, useEffect, useRef, useState } from 'react';
import { formatCount } from '../ui/format';
import classes from './imports.module.css';
import { filesOfDrop, filesOfInput, type Picked, preparePicked } from './picked-files';

type DropZoneProps = {
  title: string;
  onPicked: (picked: Picked) => void;
  isSmall?: boolean;
  ref?: Ref<HTMLElement>;
};

/** A place to drop files and whole folders on, with a chooser of each beside it. */
export function DropZone({ title, onPicked, isSmall = false, ref }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const [found, setFound] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(keepFilesFromOpening, []);

  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setProblem(null);
    setFound(0);
    try {
      take(preparePicked(await filesOfDrop(event.dataTransfer, setFound)));
    } catch (error) {
      setProblem(`The browser could not read what was dropped: ${String((error as Error).message ?? error)}`);
    } finally {
      setFound(null);
    }
  };
  const take = (picked: Picked) => {
    if (picked.files.length > 0) onPicked(picked);
    else setProblem('There is no file in it.');
  };
  const choose = (input: HTMLInputElement) => {
    setProblem(null);
    if (input.files && input.files.length > 0) take(preparePicked(filesOfInput(input.files)));
    input.value = '';
  };

  return (
    <section
      ref={ref}
      tabIndex={-1}
      className={classes.drop}
      aria-label={title}
      data-over={over || undefined}
      data-small={isSmall || undefined}
      data-drop-zone
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      {!isSmall && <IconPhotoUp size={34} stroke={1.3} aria-hidden className={classes.dropIcon} />}
      <p className={classes.dropTitle}>{title}</p>
      {!isSmall && (
        <p className={classes.hint}>
          Pictures, whole folders with their captions, or a .zip or .tar of them. Thousands are fine: what has
          arrived is kept, whatever happens to the connection.
        </p>
      )}
      <div className={classes.dropButtons}>
        <Button
          variant="default"
          leftSection={<IconFolder size={16} stroke={1.6} aria-hidden />}
          onClick={() => folder.current?.click()}
        >
          Choose a folder
        </Button>
        <Button
          variant="default"
          leftSection={<IconFile size={16} stroke={1.6} aria-hidden />}
          onClick={() => files.current?.click()}
        >
          Choose files
        </Button>
      </div>
      <p className={classes.found} role="status">
        {found !== null && `Reading the folder: ${formatCount(found)} files so far…`}
      </p>
      {problem && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={({ currentTarget }) => choose(currentTarget)}
      />
      <input
        ref={(input) => {
          folder.current = input;
          // Every browser knows it; the library's types do not.
          input?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        aria-label="Folder"
        onChange={({ currentTarget }) => choose(currentTarget)}
      />
    </section>
  );
}

/** A file that misses the zone would be opened by the browser in place of the page. */
function keepFilesFromOpening(): () => void {
  const keep = (event: Event) => event.preventDefault();
  for (const name of ['dragover', 'drop']) window.addEventListener(name, keep);
  return () => {
    for (const name of ['dragover', 'drop']) window.removeEventListener(name, keep);
  };
}
