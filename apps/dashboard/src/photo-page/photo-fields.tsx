'use client';

import { Autocomplete } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useChanges } from '../changes/use-changes';
import type { ChangeImagesInput } from '../generated/graphql';
import { EMPTY_FILTER } from '../photos/photo-filter';
import { photoFacetsQuery } from '../photos/photo-queries';
import { TagsField } from '../ui/tags-field';
import classes from './photo-page.module.css';
import type { PhotoRecord } from './photo-queries';

/** Class, split and tags: what is typed or chosen is saved on leaving the field, and can be undone. */
export function PhotoFields({ datasetId, photo }: { datasetId: string; photo: PhotoRecord }) {
  const { data: facets } = useQuery(photoFacetsQuery(datasetId, EMPTY_FILTER));
  const { change } = useChanges();
  const save = (input: Omit<ChangeImagesInput, 'selection'>, onError?: () => void) =>
    change.mutate({ selection: { datasetId, ids: [photo.id] }, ...input }, { onError });
  const known = (counts: readonly { value: string }[] | undefined) =>
    counts?.map(({ value }) => value).filter((value) => value !== '') ?? [];
  const setTags = (tags: string[]) => {
    const addTags = tags.filter((tag) => !photo.tags.includes(tag));
    const removeTags = photo.tags.filter((tag) => !tags.includes(tag));
    if (addTags.length > 0) save({ addTags });
    if (removeTags.length > 0) save({ removeTags });
  };
  return (
    <section className={classes.fields} aria-label="Class, split and tags">
      <ValueField
        label="Class"
        placeholder="no class"
        value={photo.class ?? ''}
        data={known(facets?.classes)}
        onSave={(value, onError) => save({ class: value }, onError)}
      />
      <ValueField
        label="Split"
        placeholder="no split"
        value={photo.split ?? ''}
        data={known(facets?.splits)}
        onSave={(value, onError) => save({ split: value }, onError)}
      />
      <TagsField
        className={classes.wideField}
        label="Tags"
        size="xs"
        placeholder={photo.tags.length === 0 ? 'none; Enter adds one' : undefined}
        data={known(facets?.tags)}
        value={[...photo.tags]}
        onChange={setTags}
      />
    </section>
  );
}

type ValueFieldProps = {
  label: string;
  placeholder: string;
  value: string;
  data: string[];
  onSave: (value: string, onError: () => void) => void;
};

function ValueField({ label, placeholder, value, data, onSave }: ValueFieldProps) {
  const [text, setText] = useState(value);
  // Leaving the field after Enter comes before the answer: it must not send the same again.
  const sent = useRef(value);
  // Changed from outside: by Undo.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  const save = (next: string) => {
    const wanted = next.trim();
    if (wanted === sent.current) return;
    sent.current = wanted;
    onSave(wanted, () => {
      sent.current = value;
    });
  };
  return (
    <Autocomplete
      label={label}
      size="xs"
      placeholder={placeholder}
      data={data}
      value={text}
      onChange={setText}
      onOptionSubmit={save}
      onBlur={() => save(text)}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Escape') setText(value);
        if (key === 'Enter' && !currentTarget.getAttribute('aria-activedescendant')) save(text);
      }}
      spellCheck={false}
    />
  );
}
