'use client';

import { Button, Switch } from '@mantine/core';
import { type RefCallback, useRef, useState } from 'react';
import { FocusableButton } from '../ui/focusable-button';
import { formatBytes, formatPlural } from '../ui/format';
import { useFocusOnChange } from '../ui/use-focus-handover';
import { Destination } from './destination';
import { DropZone } from './drop-zone';
import type { Refusal } from './import-queries';
import classes from './imports.module.css';
import { OpenUploads } from './open-uploads';
import type { Picked } from './picked-files';
import { RefusalNote } from './refusal-note';
import { UploadCard } from './upload-card';
import { beginUpload, useActiveUpload } from './upload-store';

/** Files and folders from this computer. */
export function FilesTab({ into }: { into: string | null }) {
  const upload = useActiveUpload();
  const [picked, setPicked] = useState<Picked | null>(null);
  // Each of these takes the place of the one before, and of the button that led to it.
  const head = useRef<HTMLElement>(null);
  const headRef = (element: HTMLElement | null) => {
    head.current = element;
  };
  useFocusOnChange(upload?.phase ?? (picked ? 'chosen' : 'none'), head);
  if (upload) return <UploadCard upload={upload} headRef={headRef} />;
  if (picked) {
    return <ChosenFiles picked={picked} into={into} onBack={() => setPicked(null)} headRef={headRef} />;
  }
  return (
    <>
      <DropZone title="Drop photos or folders here" onPicked={setPicked} ref={headRef} />
      <OpenUploads above={head} />
    </>
  );
}

type ChosenFilesProps = {
  picked: Picked;
  into: string | null;
  onBack: () => void;
  headRef: RefCallback<HTMLElement>;
};

function ChosenFiles({ picked, into, onBack, headRef }: ChosenFilesProps) {
  const { files, folderName, passedOver } = picked;
  const [destination, setDestination] = useState({ datasetId: into, name: suggestName(picked) });
  const [lookFirst, setLookFirst] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const begin = async () => {
    setBusy(true);
    setRefusal(await beginUpload({ files, ...destination, lookFirst }));
    setBusy(false);
  };
  const isAtField = refusal !== null && (refusal.code === 'CONFLICT' || (refusal.issues?.length ?? 0) > 0);
  return (
    <form
      className={classes.card}
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <h2 ref={headRef} className={classes.cardTitle} tabIndex={-1}>
        {folderName ? `${folderName}: ` : ''}
        {formatPlural(files.length, 'file')}, {formatBytes(bytes)}
      </h2>
      {passedOver > 0 && (
        <p className={classes.hint}>
          {formatPlural(passedOver, 'hidden or system file is', 'hidden or system files are')} not sent.
        </p>
      )}
      <Destination value={destination} onChange={setDestination} refusal={refusal} />
      <Switch
        checked={lookFirst}
        onChange={({ currentTarget }) => setLookFirst(currentTarget.checked)}
        label="Show me what the import would do before it begins"
        description="There you say how class folders and tables are read. Otherwise it begins by itself when everything has arrived."
      />
      {refusal && !isAtField && <RefusalNote title="The upload did not begin" refusal={refusal} />}
      <div className={classes.formEnd}>
        <Button variant="default" onClick={onBack}>
          Choose others
        </Button>
        <FocusableButton
          type="submit"
          loading={isBusy}
          disabled={destination.datasetId === null && destination.name.trim() === ''}
        >
          {lookFirst ? 'Upload' : 'Upload and import'}
        </FocusableButton>
      </div>
    </form>
  );
}

/** The folder's name, or that of an archive which comes alone. */
function suggestName({ folderName, files }: Picked): string {
  if (folderName !== null) return folderName;
  const [first] = files;
  return files.length === 1 && first ? first.path.replace(/\.(zip|tar|tar\.gz|tgz)$/i, '') : '';
}
