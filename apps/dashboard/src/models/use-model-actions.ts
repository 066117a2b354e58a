'use client';

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { EVALUATIONS_KEY } from '../evaluations/evaluation-queries';
import {
  AddModelFolderDocument,
  AddUploadedModelDocument,
  BackfillSpaceDocument,
  DeleteModelDocument,
  DeleteSpaceDocument,
  EvaluateBothDocument,
  FetchModelDocument,
  PromoteModelDocument,
  RollbackModelDocument,
} from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { formatBytes } from '../ui/format';
import { MODELS_KEY } from './model-queries';

type Answer = { readonly __typename: string; readonly message?: string };

/** @throws {Error} with the words of a refusal. */
function accepted<A extends Answer>(answer: A, success: string): A {
  if (answer.__typename !== success) throw new Error(answer.message ?? 'It was refused.');
  return answer;
}

/** What a curator can do to models; a refusal stands where it was asked for, as the error of the mutation. */
export function useModelActions() {
  const queryClient = useQueryClient();
  const onSuccess = async () => {
    for (const queryKey of [MODELS_KEY, JOBS_KEY, EVALUATIONS_KEY, ['about']])
      await queryClient.invalidateQueries({ queryKey });
  };
  const tell = (message: string) => notifications.show({ message, autoClose: 5000 });
  return {
    fetch: useMutation({
      mutationFn: async (name: string) =>
        accepted((await request(FetchModelDocument, { name })).fetchModel, 'FetchModelSuccess'),
      onSuccess,
    }),
    addFolder: useMutation({
      mutationFn: async (path: string) =>
        accepted((await request(AddModelFolderDocument, { path })).addModelFolder, 'AddModelFolderSuccess'),
      onSuccess,
    }),
    addUpload: useMutation({
      mutationFn: async (sent: { upload: string; name: string }) =>
        accepted((await request(AddUploadedModelDocument, sent)).addUploadedModel, 'AddUploadedModelSuccess'),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: async (modelId: string) => {
        const answer = (await request(DeleteModelDocument, { modelId })).deleteModel;
        accepted(answer, 'DeleteModelSuccess');
        if (answer.__typename === 'DeleteModelSuccess')
          tell(`Deleted; ${formatBytes(answer.freedBytes)} are free again.`);
      },
      onSuccess,
    }),
    promote: useMutation({
      mutationFn: async (wanted: {
        modelId: string;
        metric: string;
        target: string | null;
        reason: string | null;
      }) => {
        const answer = (await request(PromoteModelDocument, wanted)).promoteModel;
        accepted(answer, 'PromoteModelSuccess');
        if (answer.__typename === 'PromoteModelSuccess')
          tell(`${answer.promotion.modelName} answers searches now.`);
      },
      onSuccess,
    }),
    rollback: useMutation({
      mutationFn: async (reason: string | null) => {
        const answer = (await request(RollbackModelDocument, { reason })).rollbackModel;
        accepted(answer, 'RollbackModelSuccess');
        if (answer.__typename === 'RollbackModelSuccess')
          tell(`${answer.promotion.modelName} answers searches again.`);
      },
      onSuccess,
    }),
    evaluateBoth: useMutation({
      mutationFn: async (wanted: { modelId: string; datasetId: string }) =>
        accepted((await request(EvaluateBothDocument, wanted)).evaluateBoth, 'EvaluateBothSuccess'),
      onSuccess,
    }),
    backfill: useMutation({
      mutationFn: async (modelId: string) =>
        accepted((await request(BackfillSpaceDocument, { modelId })).backfillSpace, 'BackfillSpaceSuccess'),
      onSuccess,
    }),
    removeSpace: useMutation({
      mutationFn: async (spaceId: string) => {
        const answer = (await request(DeleteSpaceDocument, { spaceId })).deleteSpace;
        accepted(answer, 'DeleteSpaceSuccess');
        if (answer.__typename === 'DeleteSpaceSuccess')
          tell(`Deleted; ${formatBytes(answer.freedBytes)} are free again.`);
      },
      onSuccess,
    }),
  };
}
