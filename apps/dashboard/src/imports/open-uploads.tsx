'use client';

import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes, formatCount, formatDateTime } from '../ui/format';
import { DropZone } from './drop-zone';
import { openUploadsQuery, type Refusal, UPLOADS_KEY, type UploadSession } from './import-queries';
import classes from './imports.module.css';
import { RefusalNote } from './refusal-note';
import { continueUpload, discardUpload, takeUp } from './upload-store';

/** Uploads of before that are not finished: dropping the same files again sends only what is missing. */
export function OpenUploads() {
  const { data: sessions = [] } = useQuery({ ...openUploadsQuery(), refetchOnMount: 'always' });
  if (sessions.length === 0) return null;
  return (
    <section className={classes.open}>
      <h2 className={classes.cardTitle}>Not finished</h2>
      <ul>
        {sessions.map((session) => (
          <OpenUpload key={session.id} session={session} />
        ))}
      </ul>
    </section>
  );
}

function OpenUpload({ session }: { session: UploadSession }) {
  const queryClient = useQueryClient();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const { receivedCount, fileCount, receivedBytes, dataset } = session;
  const isWhole = receivedCount >= fileCount;
  const discard = async () => {
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
          <Button size="compact-sm" variant="default" onClick={() => void discard()}>
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
