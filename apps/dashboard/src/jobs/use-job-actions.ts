'use client';

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import {
  CancelJobDocument,
  PauseJobDocument,
  ResumeJobDocument,
  RetryFailedDocument,
} from '../generated/graphql';
import { JOBS_KEY } from './job-queries';

/** What a person can do to a job; refusals are shown as a notice with their code. */
export function useJobActions() {
  const queryClient = useQueryClient();
  const onSettled = () => queryClient.invalidateQueries({ queryKey: JOBS_KEY });
  const cancel = useMutation({
    mutationFn: async (id: string) => (await request(CancelJobDocument, { id })).cancelJob,
    onSuccess: (result) => result.__typename !== 'CancelJobSuccess' && showRefusal('The job goes on', result),
    onError: (error) => showRefusal('The job goes on', asApiError(error)),
    onSettled,
  });
  const retryFailed = useMutation({
    mutationFn: async (jobId: string) => (await request(RetryFailedDocument, { jobId })).retryFailed,
    onSuccess: (result) =>
      result.__typename !== 'RetryFailedSuccess' && showRefusal('Nothing was tried again', result),
    onError: (error) => showRefusal('Nothing was tried again', asApiError(error)),
    onSettled,
  });
  const pause = useMutation({
    mutationFn: async (id: string) => (await request(PauseJobDocument, { id })).pauseJob,
    onSuccess: (result) => result.__typename !== 'PauseJobSuccess' && showRefusal('The job goes on', result),
    onError: (error) => showRefusal('The job goes on', asApiError(error)),
    onSettled,
  });
  const resume = useMutation({
    mutationFn: async (id: string) => (await request(ResumeJobDocument, { id })).resumeJob,
    onSuccess: (result) =>
      result.__typename !== 'ResumeJobSuccess' && showRefusal('The job does not go on', result),
    onError: (error) => showRefusal('The job does not go on', asApiError(error)),
    onSettled,
  });
  return { cancel, pause, resume, retryFailed };
}

function showRefusal(title: string, { message, code }: { message: string; code: string }) {
  notifications.show({ title, message: `${message} (${code})`, color: 'red', autoClose: 8000 });
}
