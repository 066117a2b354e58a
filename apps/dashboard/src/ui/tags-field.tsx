'use client';

import { TagsInput, type TagsInputProps } from '@mantine/core';
import { useState } from 'react';

type OwnProps = 'dropdownOpened' | 'onDropdownOpen' | 'onDropdownClose' | 'onSearchChange' | 'onKeyDown';

/** A field for several values. Enter adds what was typed and puts the list of known ones away, which would cover what comes
 *  below; typing, a click or an arrow key brings it back. */
export function TagsField(props: Omit<TagsInputProps, OwnProps>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <TagsInput
      acceptValueOnBlur
      {...props}
      dropdownOpened={isOpen}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      onSearchChange={(text) => text !== '' && setOpen(true)}
      onKeyDown={(event) => event.key === 'Enter' && setOpen(false)}
    />
  );
}
