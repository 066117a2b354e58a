'use client';

import { notifications } from '@mantine/notifications';
import { useRef, useState } from 'react';
import { placeAfter, useFocusHandover } from '../ui/use-focus-handover';
import { usePageTitle } from '../ui/use-page-title';
import { CopyMenu } from './copy-menu';
import { LargeView } from './large-view';
import { PartList } from './part-list';
import { partPictureUrl } from './part-look';
import { SearchBar } from './search-bar';
import { SearchBox } from './search-box';
import { SearchFilters } from './search-filters';
import classes from './search-page.module.css';
import { SearchResultsView } from './search-results-view';
import { searchTitle } from './search-title';
import { SeenPanel } from './seen-panel';
import { SketchPad } from './sketch-pad';
import { useOpenHit } from './use-open-hit';
import { usePictureIntake } from './use-picture-intake';
import { usePictures } from './use-pictures';
import { useSearchCounts, useSearchResults } from './use-search-results';
import { newPhotoPart, newSketchPart, newTextPart, newUploadPart, useSearchState } from './use-search-state';

/** The search: what is looked for at the top, what was seen in it at the left, the photos found. */
export function SearchPage() {
  const [state, actions] = useSearchState();
  const { parts, datasets } = state;
  const results = useSearchResults(state);
  const counts = useSearchCounts(state, results);
  const { pictures, send, drop } = usePictures(actions.patch);
  const [sketchKey, setSketchKey] = useState<string | null>(null);
  const openHit = useOpenHit();

  const boxRef = useRef<HTMLInputElement>(null);
  const sketchRef = useRef<HTMLButtonElement>(null);
  const handOver = useFocusHandover();

  const [boxPart, ...otherWords] = parts.filter((part) => part.kind === 'text' && !part.negative);
  const sketch = parts.find(({ key }) => key === sketchKey);
  const hasPictures = parts.some(({ kind }) => kind !== 'text');
  // Only a picture that was brought is looked at for its style; one that was refused, or is gone, has none to show.
  const tellsStyle =
    !results.error &&
    parts.some(({ key, kind }) => (kind === 'sketch' || kind === 'upload') && !pictures[key]?.error);
  const hasSide = tellsStyle || sketch !== undefined || (counts !== null && !results.error);

  const addPictures = (files: File[]) => {
    for (const file of files) {
      const part = newUploadPart();
      actions.add(part);
      void send(part.key, file);
    }
  };
  const isOver = usePictureIntake({ onPictures: addPictures, onOthers: refuseFiles });
  usePageTitle(searchTitle(parts));

  const onText = (text: string) => {
    if (!boxPart) actions.add(newTextPart(text));
    // Among other words an emptied part keeps its place: the box would go on with the next one in mid-writing.
    else if (text === '' && otherWords.length === 0) actions.remove(boxPart.key);
    else actions.patch(boxPart.key, { text });
  };
  const addWords = () => {
    // The first words are written in the box.
    if (boxPart) actions.add(newTextPart(''));
    else boxRef.current?.focus();
  };
  const remove = (key: string) => {
    const place = parts.findIndex((part) => part.key === key);
    const next = placeAfter(place, parts.length);
    handOver(() => removeButtons()[next] ?? boxRef.current);
    if (key === sketchKey) setSketchKey(null);
    drop(key);
    actions.remove(key);
  };
  const toggleSketch = () => {
    if (sketch) return setSketchKey(null);
    const existing = parts.find(({ kind }) => kind === 'sketch') ?? newSketchPart();
    if (!parts.includes(existing)) actions.add(existing);
    setSketchKey(existing.key);
  };
  const onDrawn = (key: string) => (picture: Blob | null) => {
    if (picture) return void send(key, picture);
    drop(key);
    actions.patch(key, { uploadId: null });
  };
  const closeSketch = (key: string) => () => {
    handOver(() => sketchRef.current);
    setSketchKey(null);
    const part = parts.find((candidate) => candidate.key === key);
    // Paper that was never drawn on leaves no part behind.
    if (part?.kind === 'sketch' && !part.uploadId && !pictures[key]) actions.remove(key);
  };
  const like = (negative: boolean) => (imageId: string) => {
    openHit.closeInto(() => actions.add(newPhotoPart(imageId, negative)));
    window.scrollTo({ top: 0 });
  };

  return (
    <>
      <h1 className={classes.title}>Search</h1>
      <SearchBox
        inputRef={boxRef}
        sketchRef={sketchRef}
        text={boxPart?.kind === 'text' ? boxPart.text : ''}
        onText={onText}
        isSketching={sketch !== undefined}
        onSketch={toggleSketch}
        onPictures={addPictures}
      >
        <CopyMenu input={results.input} datasets={datasets} />
      </SearchBox>
      {(hasPictures || parts.length > 1) && (
        <PartList
          parts={parts}
          boxKey={boxPart?.key}
          pictures={pictures}
          actions={actions}
          onRemove={remove}
          onEditSketch={setSketchKey}
        />
      )}
      <SearchBar
        parts={parts}
        datasets={datasets}
        mode={state.mode}
        results={results}
        counts={counts}
        actions={actions}
        onWords={addWords}
        onStartOver={() => {
          handOver(() => boxRef.current);
          setSketchKey(null);
          actions.clear();
        }}
      />
      <div className={classes.body} data-side={hasSide || undefined}>
        {hasSide && (
          <aside className={classes.side}>
            {sketch?.kind === 'sketch' && (
              <SketchPad
                key={sketch.key}
                baseUrl={pictures[sketch.key]?.previewUrl ?? partPictureUrl(sketch)}
                onPicture={onDrawn(sketch.key)}
                onClose={closeSketch(sketch.key)}
              />
            )}
            {tellsStyle && <SeenPanel parts={parts} report={results.report} />}
            {counts && <SearchFilters counts={counts} filter={state.filter} setFilter={actions.setFilter} />}
          </aside>
        )}
        <div className={classes.results}>
          <SearchResultsView
            results={results}
            state={state}
            counts={counts}
            actions={actions}
            onOpen={openHit.open}
          />
        </div>
      </div>
      <LargeView
        results={results}
        index={openHit.index}
        parts={parts}
        onMove={openHit.move}
        onClose={openHit.close}
        onClosed={openHit.focusLastSeen}
        onMoreLike={like(false)}
        onLessLike={like(true)}
      />
      {isOver && (
        <div className={classes.drop} role="status">
          Drop a picture to search with it
        </div>
      )}
    </>
  );
}

const removeButtons = () => document.querySelectorAll<HTMLElement>('[data-parts] > li > button:last-child');

function refuseFiles(files: readonly File[]): void {
  const [first] = files;
  const what = files.length === 1 && first ? `“${first.name}” is` : `None of the ${files.length} files is`;
  notifications.show({
    color: 'red',
    title: 'Not searched with',
    message: `${what} ${files.length === 1 ? 'no picture' : 'a picture'}. JPEG, PNG, WebP, GIF, TIFF and AVIF can be searched with.`,
    autoClose: 8000,
  });
}
