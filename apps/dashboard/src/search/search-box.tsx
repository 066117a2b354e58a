'use client';

import { Button, FileButton, Kbd, TextInput } from '@mantine/core';
import { useHotkeys, useOs } from '@mantine/hooks';
import { IconBrush, IconPhoto, IconSearch } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode, Ref, RefObject } from 'react';
import classes from './search-page.module.css';

type SearchBoxProps = {
  inputRef: RefObject<HTMLInputElement | null>;
  sketchRef: Ref<HTMLButtonElement>;
  text: string;
  onText: (text: string) => void;
  isSketching: boolean;
  onSketch: () => void;
  onPictures: (pictures: File[]) => void;
  children: ReactNode;
};

/** The words, and the ways to bring a picture. `/` comes here from anywhere; arrow down goes to the photos. */
export function SearchBox({
  inputRef,
  sketchRef,
  text,
  onText,
  isSketching,
  onSketch,
  onPictures,
  children,
}: SearchBoxProps) {
  useHotkeys([['/', () => inputRef.current?.focus()]]);
  const hasKeyboard = !['ios', 'android'].includes(useOs());

  const toResults = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown') return;
    const first = document.querySelector<HTMLButtonElement>('[data-results] li button');
    if (!first) return;
    event.preventDefault();
    first.focus();
  };

  return (
    <search className={classes.box}>
      <TextInput
        ref={inputRef}
        className={classes.words}
        type="search"
        size="md"
        aria-label="Search by words"
        placeholder="What is in the photo?"
        value={text}
        onChange={({ currentTarget }) => onText(currentTarget.value)}
        onKeyDown={toResults}
        leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />}
        rightSection={hasKeyboard && text === '' ? <Kbd className={classes.key}>/</Kbd> : null}
        rightSectionPointerEvents="none"
        autoComplete="off"
        spellCheck={false}
      />
      <Button
        ref={sketchRef}
        className={classes.way}
        variant="default"
        size="md"
        leftSection={<IconBrush size={18} stroke={1.6} aria-hidden />}
        aria-expanded={isSketching}
        onClick={onSketch}
      >
        Sketch
      </Button>
      <FileButton multiple accept="image/*" onChange={onPictures}>
        {(props) => (
          <Button
            {...props}
            className={classes.way}
            variant="default"
            size="md"
            leftSection={<IconPhoto size={18} stroke={1.6} aria-hidden />}
          >
            Picture
          </Button>
        )}
      </FileButton>
      {children}
    </search>
  );
}
