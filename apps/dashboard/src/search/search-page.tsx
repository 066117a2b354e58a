'use client';

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { CopyMenu } from './copy-menu';
import { DatasetFilter } from './dataset-filter';
import { LargeView } from './large-view';
import { PartList } from './part-list';
import { partPictureUrl } from './part-look';
import { ResultGrid } from './result-grid';
import { SearchBox } from './search-box';
import classes from './search-page.module.css';
import { SearchStart } from './search-start';
import { SearchStatus } from './search-status';
import { SeenPanel } from './seen-panel';
import { SketchPad } from './sketch-pad';
import { usePictureIntake } from './use-picture-intake';
import { usePictures } from './use-pictures';
import { useSearchResults } from './use-search-results';
import { newPhotoPart, newSketchPart, newTextPart, newUploadPart, useSearchState } from './use-search-state';

/** A photo that pushes away should nudge, not rule: half the weight of a part that pulls. */
const LESS_LIKE_WEIGHT = 0.5;

/** The search: what is looked for at the top, what was seen in it at the left, the photos found. */
export function SearchPage() {
  const [state, actions] = useSearchState();
  const { parts, datasets } = state;
  const results = useSearchResults(state);
  const { pictures, send, drop } = usePictures(actions.patch);
  const [sketchKey, setSketchKey] = useState<string | null>(null);
  const [openIndex, setOpenIndex] = useState<number | null>(null);

  const boxPart = parts.find((part) => part.kind === 'text' && !part.negative);
  const sketch = parts.find(({ key }) => key === sketchKey);
  const hasPictures = parts.some(({ kind }) => kind !== 'text');

  const addPictures = (files: File[]) => {
    for (const file of files) {
      const part = newUploadPart();
      actions.add(part);
      void send(part.key, file);
    }
  };
  const isOver = usePictureIntake(addPictures);

  const onText = (text: string) => {
    if (!boxPart) actions.add(newTextPart(text));
    else if (text === '') actions.remove(boxPart.key);
    else actions.patch(boxPart.key, { text });
  };
  const remove = (key: string) => {
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
    setSketchKey(null);
    const part = parts.find((candidate) => candidate.key === key);
    // Paper that was never drawn on leaves no part behind.
    if (part?.kind === 'sketch' && !part.uploadId && !pictures[key]) actions.remove(key);
  };
  const like = (negative: boolean) => (imageId: string) => {
    const part = newPhotoPart(imageId, negative);
    actions.replaceParts([...parts, negative ? { ...part, weight: LESS_LIKE_WEIGHT } : part]);
    setOpenIndex(null);
    window.scrollTo({ top: 0 });
  };

  return (
    <>
      <h1 className={classes.title}>Search</h1>
      <SearchBox
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
      <div className={classes.bar}>
        <DatasetFilter chosen={datasets} onChange={actions.setDatasets} />
        {parts.length > 0 && (
          <>
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => actions.add(newTextPart(''))}
            >
              Words
            </Button>
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              onClick={() => {
                setSketchKey(null);
                actions.clear();
              }}
            >
              Start over
            </Button>
          </>
        )}
        <SearchStatus results={results} parts={parts} />
      </div>
      <div className={classes.body} data-side={hasPictures || undefined}>
        {hasPictures && (
          <aside className={classes.side}>
            {sketch?.kind === 'sketch' && (
              <SketchPad
                key={sketch.key}
                baseUrl={pictures[sketch.key]?.previewUrl ?? partPictureUrl(sketch)}
                onPicture={onDrawn(sketch.key)}
                onClose={closeSketch(sketch.key)}
              />
            )}
            <SeenPanel parts={parts} report={results.report} />
          </aside>
        )}
        <div className={classes.results}>
          {results.error ? (
            <ErrorPanel
              title="The search did not work"
              error={results.error}
              kept="Your query is kept, here and in the address."
              onRetry={results.retry}
            />
          ) : results.input === null ? (
            <SearchStart
              parts={parts}
              datasets={datasets}
              onPhoto={(id) => actions.replaceParts([newPhotoPart(id)])}
            />
          ) : results.report && results.hits.length === 0 ? (
            <EmptyPanel title="No photo to show">
              {results.report.galleryCount === 0
                ? 'There are no indexed photos in what is searched. Import a folder, or search other datasets.'
                : 'Nothing matched. Try fewer parts, or other words.'}
            </EmptyPanel>
          ) : (
            <ResultGrid results={results} parts={parts} onOpen={setOpenIndex} />
          )}
        </div>
      </div>
      <LargeView
        hits={results.hits}
        index={openIndex}
        parts={parts}
        reports={results.report?.parts ?? []}
        onMove={setOpenIndex}
        onClose={() => setOpenIndex(null)}
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
