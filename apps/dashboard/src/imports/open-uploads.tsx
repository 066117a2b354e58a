'use client';

import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useRef, useState } from 'react';
import { formatBytes, formatCount, formatDateTime } from '../ui/format';
import { placeAfter, useFocusHandover } from '../ui/use-focus-handover';
import { DropZone } from './drop-zone';
import { openUploadsQuery, type Refusal, UPLOADS_KEY, type UploadSession } from './import-queries';
import classes from './imports.module.css';
import { RefusalNote } from './refusal-note';
import { continueUpload, discardUpload, takeUp } from './upload-store';

type OpenUploadsProps = {
  /** Takes the focus when no upload is left. */
  above: RefObject<HTMLElement | null>;
};

/** Uploads of before that are not finished: dropping the same files again sends only what is missing. */
export function OpenUploads({ above }: OpenUploadsProps) {
  const { data: sessions = [] } = useQuery({ ...openUploadsQuery(), refetchOnMount: 'always' });
  const list = useRef<HTMLUListElement>(null);
  const handOver = useFocusHandover();
  if (sessions.length === 0) return null;
  const onDiscard = (place: number) => {
    const next = placeAfter(place, sessions.length);
    handOver(() => list.current?.querySelectorAll<HTMLElement>('[data-discard]')[next] ?? above.current);
  };
  return (
    <section className={classes.open}>
      <h2 className={classes.cardTitle}>Not finished</h2>
      <ul ref={list}>
        {sessions.map((session, place) => (
          <OpenUpload key={session.id} session={session} onDiscard={() => onDiscard(place)} />
        ))}
      </ul>
    </section>
  );
}

function OpenUpload({ session, onDiscard }: { session: UploadSession; onDiscard: () => void }) {
  const queryClient = useQueryClient();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { receivedCount, fileCount, receivedBytes, dataset } = session;
  const isWhole = receivedCount >= fileCount;
  const discard = async () => {
    onDiscard();
    setRefusal(await discardUpload(session.id));
    await queryClient.invalidateQueries({ queryKey: UPLOADS_KEY });
  };
  return (
    <li className={classes.card} data-upload={session.id}>
      <div className={classes.cardHead}>
        <h3 className={classes.cardTitle}>{dataset.name}</h3>
        <p className={classes.hint}>
          {formatCount(receivedCount)} of {formatCount(fileCount)} files have arrived (
          {formatBytes(receivedBytes)}) · begun {formatDateTime(session.createdAt)}
        </p>
        <Group gap={6} className={classes.actions}>
          {receivedCount > 0 && (
            <Button
              size="compact-sm"
              variant={isWhole ? 'filled' : 'default'}
              onClick={() => takeUp(session)}
            >
              {isWhole ? 'Import them' : 'Import these alone'}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => void discard()} data-discard>
            Discard
          </Button>
        </Group>
      </div>
      {!isWhole && (
        <DropZone
          isSmall
          title="Drop the same folder again: only what is missing is sent"
          onPicked={({ files }) => void continueUpload(session, files).then(setRefusal)}
        />
      )}
      {refusal && <RefusalNote title="It does not go on" refusal={refusal} />}
    </li>
  );
}
