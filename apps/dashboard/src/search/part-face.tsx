'use client';

import { useState } from 'react';
import classes from './part-list.module.css';
import { KIND_ICONS, partName } from './part-look';
import { PartPicture } from './part-picture';
import type { Part } from './query';
import type { LocalPicture } from './use-pictures';
import type { SearchActions } from './use-search-state';

type PartFaceProps = {
  part: Part;
  /** The search box edits these words. */
  inBox: boolean;
  picture: LocalPicture | undefined;
  actions: SearchActions;
};

/** What a part looks like in the list: its words or its picture. */
export function PartFace({ part, inBox, picture, actions }: PartFaceProps) {
  if (part.kind === 'text') {
    if (inBox) return <span className={classes.words}>{partName(part)}</span>;
    return (
      <input
        className={classes.input}
        value={part.text}
        placeholder={part.negative ? 'without …' : 'more words'}
        aria-label={part.negative ? 'What the photos shall not show' : 'Words of this part'}
        // biome-ignore lint/a11y/noAutofocus: a part that was just added is there to be written into
        autoFocus={part.text === ''}
        onChange={({ currentTarget }) => actions.patch(part.key, { text: currentTarget.value })}
      />
    );
  }
  return <PictureFace part={part} picture={picture} />;
}

type PictureFaceProps = { part: Exclude<Part, { kind: 'text' }>; picture: LocalPicture | undefined };

function PictureFace({ part, picture }: PictureFaceProps) {
  // Not every browser draws every format (TIFF): the server's own preview then takes over.
  const [undrawnUrl, setUndrawnUrl] = useState('');
  const previewUrl = picture?.previewUrl === undrawnUrl ? '' : picture?.previewUrl;
  const Icon = KIND_ICONS[part.kind];
  const isEmpty = part.kind !== 'photo' && !part.uploadId;
  return (
    <>
      <span className={classes.thumb} data-sending={picture?.isSending || undefined}>
        {previewUrl ? (
          <img src={previewUrl} alt={partName(part)} onError={() => setUndrawnUrl(previewUrl)} />
        ) : isEmpty ? (
          <Icon size={18} stroke={1.6} aria-hidden />
        ) : (
          <PartPicture part={part} />
        )}
      </span>
      {picture?.error && (
        <span className={classes.problem} role="alert">
          {picture.error}
        </span>
      )}
    </>
  );
}
