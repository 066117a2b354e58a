'use client';

import { useSyncExternalStore } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import {
  BeginUploadDocument,
  type ColumnMappingInput,
  DiscardUploadDocument,
  FinishUploadDocument,
  type ImportFormat,
  type TextEncoding,
} from '../generated/graphql';
import { type Refusal, readReceived, type UploadSession } from './import-queries';
import type { PickedFile } from './picked-files';
import { startUpload, type UploadProgress, type UploadRun } from './upload-run';

export type ActiveUpload = {
  readonly session: UploadSession;
  readonly progress: UploadProgress;
  /** `asking`: everything has arrived, and a person decides what becomes of it. */
  readonly phase: 'sending' | 'asking' | 'starting' | 'started';
  readonly lookFirst: boolean;
  readonly jobId: string | null;
  readonly refusal: Refusal | null;
};

/** How the files are to be read. */
export type Reading = {
  readonly format?: ImportFormat | undefined;
  readonly columns?: ColumnMappingInput | undefined;
  readonly encoding?: TextEncoding | undefined;
  readonly takeUnlisted?: boolean | undefined;
};

// Outside of React, so that the upload goes on while other pages are looked at.
let active: ActiveUpload | null = null;
let run: UploadRun | null = null;
let sent: readonly PickedFile[] = [];
const listeners = new Set<() => void>();

function set(next: ActiveUpload | null): void {
  active = next;
  for (const listener of listeners) listener();
}
const change = (part: Partial<ActiveUpload>) => active && set({ ...active, ...part });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The upload of this page, or null. */
export const useActiveUpload = (): ActiveUpload | null =>
  useSyncExternalStore(
    subscribe,
    () => active,
    () => null,
  );

type Wanted = {
  readonly files: readonly PickedFile[];
  readonly datasetId: string | null;
  readonly name: string;
  readonly lookFirst: boolean;
};

/** Begins to send files. @returns why not, or null. */
export async function beginUpload({ files, datasetId, name, lookFirst }: Wanted): Promise<Refusal | null> {
  const byteCount = files.reduce((sum, { file }) => sum + file.size, 0);
  const input = { fileCount: files.length, byteCount, ...(datasetId ? { datasetId } : { name }) };
  const answer = await request(BeginUploadDocument, { input }).catch(asApiError);
  if (answer instanceof Error) return answer;
  if (answer.beginUpload.__typename !== 'BeginUploadSuccess') return answer.beginUpload;
  send(answer.beginUpload.session, files, new Set(), lookFirst);
  return null;
}

/** Sends what an upload of before still lacks. @returns why not, or null. */
export async function continueUpload(
  session: UploadSession,
  files: readonly PickedFile[],
): Promise<Refusal | null> {
  const received = await readReceived(session.id).catch(asApiError);
  if (received instanceof Error) return received;
  send(session, files, received, false);
  return null;
}

function send(
  session: UploadSession,
  files: readonly PickedFile[],
  arrived: ReadonlySet<string>,
  lookFirst: boolean,
): void {
  sent = files;
  let started = false;
  const onChange = (progress: UploadProgress) => {
    if (!started || active?.session.id !== session.id) return;
    change({ progress });
    if (progress.state === 'sent' && active.phase === 'sending') void afterSending(progress);
  };
  run?.stop();
  const next = startUpload(files, session.uploadKey, arrived, onChange);
  run = next;
  started = true;
  set({
    session,
    progress: next.progress(),
    phase: 'sending',
    lookFirst,
    jobId: null,
    refusal: null,
  });
  window.addEventListener('beforeunload', warn);
}

async function afterSending({ refused }: UploadProgress): Promise<void> {
  window.removeEventListener('beforeunload', warn);
  if (active?.lookFirst || refused.length > 0) change({ phase: 'asking' });
  else await startImport();
}

// A reload loses nothing, but the folder has to be chosen again.
const warn = (event: BeforeUnloadEvent) => event.preventDefault();

export const pauseUpload = () => run?.pause();
export const resumeUpload = () => run?.resume();

/** Sends those again that were not taken. */
export async function retryRefused(): Promise<void> {
  if (active) await continueUpload(active.session, sent);
}

const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;

/** Has the files imported, also if the server is away for a while. */
export async function startImport(reading: Reading = {}): Promise<void> {
  if (!active || active.phase === 'starting') return;
  const { session } = active;
  // Who was asked has seen what is here; nobody else shall be surprised by a part.
  const partial = active.phase === 'asking';
  change({ phase: 'starting', refusal: null });
  for (let n = 0; active?.session.id === session.id; n++) {
    const answer = await request(FinishUploadDocument, { id: session.id, ...reading, partial }).catch(
      asApiError,
    );
    if (active?.session.id !== session.id) return;
    if (answer instanceof Error && answer.retryable) {
      await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(n, RETRY_MS.length - 1)]));
      continue;
    }
    if (answer instanceof Error) change({ phase: 'asking', refusal: answer });
    else if (answer.finishUpload.__typename !== 'FinishUploadSuccess') {
      change({ phase: 'asking', refusal: answer.finishUpload });
    } else change({ phase: 'started', jobId: answer.finishUpload.job.id });
    return;
  }
}

/** Takes an upload up that has all its files already. */
export function takeUp(session: UploadSession): void {
  run?.stop();
  run = null;
  sent = [];
  const { receivedCount, receivedBytes } = session;
  set({
    session,
    progress: {
      state: 'sent',
      totalCount: receivedCount,
      totalBytes: receivedBytes,
      doneCount: receivedCount,
      doneBytes: receivedBytes,
      refused: [],
      bytesPerSecond: null,
      secondsLeft: null,
      reason: null,
    },
    phase: 'asking',
    lookFirst: true,
    jobId: null,
    refusal: null,
  });
}

/** Puts the upload out of sight; what has arrived stays on the server. */
export function leaveUpload(): void {
  run?.stop();
  run = null;
  sent = [];
  window.removeEventListener('beforeunload', warn);
  set(null);
}

/** Ends an upload and deletes what has arrived. @returns why not, or null. */
export async function discardUpload(id: string): Promise<Refusal | null> {
  if (active?.session.id === id) leaveUpload();
  const answer = await request(DiscardUploadDocument, { id }).catch(asApiError);
  if (answer instanceof Error) return answer;
  const { discardUpload: result } = answer;
  return result.__typename === 'DiscardUploadSuccess' ? null : result;
}
