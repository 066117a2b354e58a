'use client';

import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type RefCallback, useRef, useState } from 'react';
import { formatBytes, formatCount, formatPlural, formatSecondsLeft } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import { UPLOADS_KEY } from './import-queries';
import classes from './imports.module.css';
import { PreviewPanel } from './preview-panel';
import { RefusalNote } from './refusal-note';
import type { UploadProgress } from './upload-run';
import {
  type ActiveUpload,
  discardUpload,
  leaveUpload,
  pauseUpload,
  resumeUpload,
  retryRefused,
  startImport,
} from './upload-store';

const STATE_WORDS: Record<UploadProgress['state'], string> = {
  sending: 'Sending',
  paused: 'Paused',
  waiting: 'The server is not there. Nothing is lost: this goes on by itself when it is back.',
  sent: 'Everything has arrived',
  over: 'Stopped',
};

type UploadCardProps = { upload: ActiveUpload; headRef: RefCallback<HTMLElement> };

/** The upload of this page: how far it is, what can be done to it, and what comes after. */
export function UploadCard({ upload, headRef }: UploadCardProps) {
  const { session, progress, phase, refusal } = upload;
  const share = progress.totalBytes > 0 ? progress.doneBytes / progress.totalBytes : 1;
  return (
    <section className={classes.card} aria-label="Upload">
      <div className={classes.cardHead}>
        <h2 ref={headRef} className={classes.cardTitle} tabIndex={-1}>
          {session.dataset.name}
        </h2>
        <p className={classes.hint} role="status">
          {phase === 'starting' ? 'Everything has arrived; the import begins' : STATE_WORDS[progress.state]}
        </p>
        <UploadButtons upload={upload} />
      </div>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Sent"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(share * 100)}
        data-state={progress.state}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className={classes.figures}>
        <span>
          {formatCount(progress.doneCount)} of {formatPlural(progress.totalCount, 'file')}
        </span>
        <span>
          {formatBytes(progress.doneBytes)} of {formatBytes(progress.totalBytes)}
        </span>
        {progress.bytesPerSecond !== null && (
          <span>{formatBytes(Math.round(progress.bytesPerSecond))}/s</span>
        )}
        {progress.secondsLeft !== null && progress.state === 'sending' && (
          <span>{formatSecondsLeft(progress.secondsLeft)} left</span>
        )}
      </p>
      {progress.reason && (
        <p className={classes.problem} role="alert">
          {progress.reason}
        </p>
      )}
      {progress.refused.length > 0 && <RefusedFiles progress={progress} />}
      {refusal && <RefusalNote title="The import did not begin" refusal={refusal} />}
      {phase === 'asking' && progress.doneCount > 0 && (
        <PreviewPanel
          input={{ source: { uploadSessionId: session.id }, datasetId: session.dataset.id }}
          onImport={(reading) => void startImport(reading)}
        />
      )}
    </section>
  );
}

function UploadButtons({ upload: { session, progress, phase } }: { upload: ActiveUpload }) {
  const queryClient = useQueryClient();
  const [asks, setAsks] = useState(false);
  const actions = useRef<HTMLDivElement>(null);
  const handOver = useFocusHandover();
  /** The focus goes from Cancel to what keeps the upload, and back. */
  const ask = (next: boolean) => {
    handOver(() => actions.current?.querySelector<HTMLElement>('button:last-child'));
    setAsks(next);
  };
  const discard = async () => {
    await discardUpload(session.id);
    await queryClient.invalidateQueries({ queryKey: UPLOADS_KEY });
  };
  const isPaused = progress.state === 'paused';
  if (phase === 'starting' || phase === 'started') return null;
  if (asks) {
    return (
      <Group key="asking" ref={actions} gap={6} className={classes.actions}>
        <Button size="compact-sm" color="red" variant="filled" onClick={() => void discard()}>
          Delete what has arrived
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => ask(false)}>
          Keep it
        </Button>
      </Group>
    );
  }
  return (
    <Group key="acting" ref={actions} gap={6} className={classes.actions}>
      {(progress.state === 'sending' || progress.state === 'waiting' || isPaused) && (
        <Button
          size="compact-sm"
          variant={isPaused ? 'filled' : 'default'}
          onClick={isPaused ? resumeUpload : pauseUpload}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      )}
      {progress.state === 'over' && (
        <Button size="compact-sm" variant="default" onClick={leaveUpload}>
          Close
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          pauseUpload();
          ask(true);
        }}
      >
        Cancel
      </Button>
    </Group>
  );
}

function RefusedFiles({ progress: { refused, state } }: { progress: UploadProgress }) {
  return (
    <div className={classes.refused}>
      <p className={classes.problem}>{formatPlural(refused.length, 'file')} could not be sent:</p>
      <ul>
        {refused.slice(0, 20).map(({ path, reason }) => (
          <li key={path}>
            <code>{path}</code> {reason}
          </li>
        ))}
      </ul>
      {refused.length > 20 && <p className={classes.hint}>and {formatCount(refused.length - 20)} more</p>}
      {state === 'sent' && (
        <Button size="compact-sm" variant="default" onClick={() => void retryRefused()}>
          Try these again
        </Button>
      )}
    </div>
  );
}
