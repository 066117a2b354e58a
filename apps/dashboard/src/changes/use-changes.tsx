'use client';

import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import {
  ChangeImagesDocument,
  type ChangeImagesInput,
  type ChangeLineFragment,
  SetCaptionsDocument,
  UndoChangeDocument,
} from '../generated/graphql';

const NOTICE_MS = 12_000;

/** The notice of the last change. Only that one stays: the list of changes undoes the ones before it. */
let lastNotice = '';

type Refusal = { code: string; message: string };

/** Changing photos in bulk, setting captions and taking either back; each change is told with its Undo. */
export function useChanges() {
  const client = useQueryClient();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: DATASETS_KEY });
    void client.invalidateQueries({ queryKey: ['search'] });
  };
  const undo = useMutation({
    mutationFn: async (id: string) => {
      const result = (await request(UndoChangeDocument, { id })).undoChange;
      if (result.__typename !== 'UndoChangeSuccess') throw refused(result);
      return result.change;
    },
    onSuccess: (change) => {
      notifications.hide(noticeId(change));
      notifications.show({ title: 'Undone', message: change.summary });
    },
    onError: (error) => tell('Not undone', error),
    onSettled: refresh,
  });
  const announce = (change: ChangeLineFragment) => {
    notifications.hide(lastNotice);
    if (change.count === 0) {
      notifications.show({ title: 'Nothing to change', message: change.summary });
      return;
    }
    lastNotice = noticeId(change);
    notifications.show({
      id: lastNotice,
      title: 'Changed',
      autoClose: NOTICE_MS,
      withCloseButton: true,
      message: (
        <>
          {change.summary}
          <Button
            mt={8}
            size="compact-xs"
            variant="default"
            display="block"
            onClick={() => undo.mutate(change.id)}
          >
            Undo
          </Button>
        </>
      ),
    });
  };
  const change = useMutation({
    mutationFn: async (input: ChangeImagesInput) => {
      const result = (await request(ChangeImagesDocument, { input })).changeImages;
      if (result.__typename !== 'ChangeImagesSuccess') throw refused(result);
      return result.change;
    },
    onSuccess: announce,
    onError: (error) => tell('Nothing was changed', error),
    onSettled: refresh,
  });
  const setCaptions = useMutation({
    mutationFn: async (variables: { imageId: string; captions: string[] }) => {
      const result = (await request(SetCaptionsDocument, variables)).setCaptions;
      if (result.__typename !== 'SetCaptionsSuccess') throw refused(result);
      return result;
    },
    onSuccess: (result) => announce(result.change),
    onError: (error) => tell('The captions were not saved', error),
    onSettled: refresh,
  });
  return { change, setCaptions, undo };
}

const noticeId = ({ id }: { id: string }) => `change ${id}`;

/** A refusal that came as data, to be shown as any other failure. */
export const refused = ({ code, message }: Refusal) => Object.assign(new Error(message), { code });

/** Tells a failure with its code, so that it can be asked about. */
export function tell(title: string, error: unknown) {
  const { message, code } = isRefusal(error) ? error : asApiError(error);
  notifications.show({
    title,
    message: `${message} (${code})`,
    color: 'red',
    autoClose: NOTICE_MS,
  });
}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';
