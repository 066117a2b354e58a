'use client';

import { Autocomplete } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
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
  const save = (input: Omit<ChangeImagesInput, 'selection'>) =>
    change.mutate({ selection: { datasetId, ids: [photo.id] }, ...input });
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
        key={`class ${photo.class}`}
        label="Class"
        placeholder="no class"
        value={photo.class ?? ''}
        data={known(facets?.classes)}
        onSave={(value) => save({ class: value })}
      />
      <ValueField
        key={`split ${photo.split}`}
        label="Split"
        placeholder="no split"
        value={photo.split ?? ''}
        data={known(facets?.splits)}
        onSave={(value) => save({ split: value })}
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
  onSave: (value: string) => void;
};

function ValueField({ label, placeholder, value, data, onSave }: ValueFieldProps) {
  const [text, setText] = useState(value);
  const save = (next: string) => next.trim() !== value && onSave(next.trim());
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
