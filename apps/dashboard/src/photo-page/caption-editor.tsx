'use client';

import { ActionIcon, Button, Textarea, Tooltip } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useChanges } from '../changes/use-changes';
import { FocusableButton } from '../ui/focusable-button';
import { useFocusHandover } from '../ui/use-focus-handover';
import classes from './photo-page.module.css';

type CaptionEditorProps = { photoId: string; captions: readonly string[] };

/** A new caption's place is behind the others. */
type Draft = { readonly place: number; readonly text: string };

/** The captions, each changed where it stands; what is saved can be undone. */
export function CaptionEditor({ photoId, captions }: CaptionEditorProps) {
  const { setCaptions } = useChanges();
  const [draft, setDraft] = useState<Draft | null>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const handOver = useFocusHandover();
  const inList = (selector: string, place: number) =>
    list.current?.querySelectorAll<HTMLElement>(selector)[place] ?? addButton.current;
  /** The focus goes to the caption that was in the editor, else to what opens a new one. */
  const close = () => {
    const place = draft?.place ?? captions.length;
    handOver(() => (place < captions.length ? inList('[title]', place) : addButton.current));
    setDraft(null);
  };
  const remove = (place: number) => {
    handOver(() => inList('[data-remove]', captions.length - 2));
    save(
      captions.filter((_, other) => other !== place),
      () => setDraft(null),
    );
  };
  const save = (next: string[], onSuccess: () => void) =>
    setCaptions.mutate({ imageId: photoId, captions: next }, { onSuccess });
  const saveDraft = () => {
    if (!draft) return;
    const text = draft.text.trim();
    const next = [...captions];
    if (text) next[draft.place] = text;
    else next.splice(draft.place, 1);
    if (text === (captions[draft.place] ?? '')) close();
    else save(next, close);
  };
  const editor = draft && (
    <CaptionField
      draft={draft}
      onChange={setDraft}
      onSave={saveDraft}
      onCancel={close}
      isSaving={setCaptions.isPending}
    />
  );
  return (
    <section aria-label="Captions">
      <div className={classes.headRow}>
        <h2 className={classes.subheading}>Captions</h2>
        <Button
          ref={addButton}
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} stroke={1.8} aria-hidden />}
          onClick={() => setDraft({ place: captions.length, text: '' })}
        >
          Add a caption
        </Button>
      </div>
      {captions.length === 0 && !draft && <p className={classes.fact}>No caption yet.</p>}
      <ul ref={list} className={classes.captions}>
        {captions.map((caption, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same caption may stand there twice
          <li key={place} className={classes.caption}>
            {draft?.place === place ? (
              editor
            ) : (
              <>
                <button
                  type="button"
                  className={classes.captionText}
                  title="Change this caption"
                  onClick={() => setDraft({ place, text: caption })}
                >
                  {caption}
                  <IconPencil size={13} stroke={1.6} aria-hidden className={classes.pencil} />
                </button>
                <Tooltip label="Remove">
                  <ActionIcon
                    size={26}
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove caption: ${caption}`}
                    data-remove
                    onClick={() => remove(place)}
                  >
                    <IconTrash size={14} stroke={1.6} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </>
            )}
          </li>
        ))}
        {draft && draft.place >= captions.length && <li className={classes.caption}>{editor}</li>}
      </ul>
    </section>
  );
}

type CaptionFieldProps = {
  draft: Draft;
  onChange: (draft: Draft) => void;
  onSave: () => void;
  onCancel: () => void;
  isSaving: boolean;
};

function CaptionField({ draft, onChange, onSave, onCancel, isSaving }: CaptionFieldProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey) onSave();
    else if (event.key === 'Escape') onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={classes.captionField}>
      <Textarea
        aria-label="Caption"
        placeholder="What is to be seen"
        autosize
        minRows={2}
        autoFocus
        value={draft.text}
        onChange={({ currentTarget: { value } }) => onChange({ ...draft, text: value })}
        onKeyDown={onKeyDown}
      />
      <div className={classes.buttons}>
        <FocusableButton size="compact-xs" onClick={onSave} loading={isSaving}>
          Save
        </FocusableButton>
        <Button size="compact-xs" variant="default" onClick={onCancel}>
          Not now
        </Button>
        <span className={classes.keys}>Enter saves, Esc does not</span>
      </div>
    </div>
  );
}
