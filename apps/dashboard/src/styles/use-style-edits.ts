import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import {
  BeginStyleEditDocument,
  DiscardStyleDraftDocument,
  EditStylesDocument,
  PreviewStyleEditDocument,
  RebaseStyleDraftDocument,
  SaveStyleDraftDocument,
  type StyleEditInput,
  UndoStyleEditDocument,
} from '../generated/graphql';
import { draftKey, draftQuery, STYLES_KEY, type StyleDraft } from './style-queries';

type Refused = { readonly __typename: string; readonly message?: string };

/** Told where an edit was refused: by whom it was overtaken, or why it cannot be done. */
export class EditRefused extends Error {}

const draftOf = (answer: Refused | { readonly draft: StyleDraft }): StyleDraft => {
  if ('draft' in answer) return answer.draft;
  throw new EditRefused(answer.message ?? 'The edit was refused.');
};

export type StyleEdits = ReturnType<typeof useStyleEdits>;

/** The edits of a space that are not saved yet: begun with the first one, kept on the server after each. One at a time, so
 *  that each names the revision that the one before it left. */
export function useStyleEdits(
  spaceId: string,
  version: number,
  draftId: string | null,
  setDraftId: (id: string | null) => void,
) {
  const client = useQueryClient();
  const draft = useQuery(draftQuery(draftId));
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const keep = (next: StyleDraft) => {
    client.setQueryData(draftKey(next.id), next);
    if (next.id !== draftId) setDraftId(next.id);
  };
  const onError = (error: Error) => {
    setProblem(error.message);
    // Whoever was overtaken sees what is there now.
    void client.invalidateQueries({ queryKey: STYLES_KEY });
  };
  const now = (): StyleDraft | null =>
    draftId === null ? null : (client.getQueryData<StyleDraft | null>(draftKey(draftId)) ?? null);
  const required = (): StyleDraft => {
    const found = now();
    if (found === null) throw new EditRefused('There are no edits.');
    return found;
  };
  const input = () => {
    const { id, revision } = required();
    return { input: { styleDraftId: id, expectedRevision: revision } };
  };
  const options = { onError, onMutate: () => setProblem(null), scope: { id: `style edits ${spaceId}` } };

  const edit = useMutation({
    ...options,
    mutationFn: async (edits: readonly StyleEditInput[]) => {
      const begun =
        now() ??
        draftOf(
          (
            await request(BeginStyleEditDocument, {
              input: { styleSpaceId: spaceId, expectedVersion: version },
            })
          ).beginStyleEdit,
        );
      const { editStyles } = await request(EditStylesDocument, {
        input: { styleDraftId: begun.id, expectedRevision: begun.revision, edits: [...edits] },
      });
      keep(draftOf(editStyles));
    },
  });
  const undo = useMutation({
    ...options,
    mutationFn: async () => keep(draftOf((await request(UndoStyleEditDocument, input())).undoStyleEdit)),
  });
  const measure = useMutation({
    ...options,
    mutationFn: async () =>
      keep(draftOf((await request(PreviewStyleEditDocument, input())).previewStyleEdit)),
  });
  const rebase = useMutation({
    ...options,
    mutationFn: async () => {
      const { rebaseStyleDraft } = await request(RebaseStyleDraftDocument, input());
      keep(draftOf(rebaseStyleDraft));
      if ('dropped' in rebaseStyleDraft) setDropped(rebaseStyleDraft.dropped);
      await client.invalidateQueries({ queryKey: STYLES_KEY });
    },
  });
  const leave = async () => {
    setDropped([]);
    setDraftId(null);
    await client.invalidateQueries({ queryKey: STYLES_KEY });
  };
  const save = useMutation({
    ...options,
    mutationFn: async () => {
      const { saveStyleDraft } = await request(SaveStyleDraftDocument, input());
      if (saveStyleDraft.__typename !== 'SaveStyleDraftSuccess')
        throw new EditRefused('message' in saveStyleDraft ? saveStyleDraft.message : 'It was refused.');
      await leave();
    },
  });
  const discard = useMutation({
    ...options,
    mutationFn: async () => {
      await request(DiscardStyleDraftDocument, { input: { styleDraftId: required().id } });
      await leave();
    },
  });
  return {
    draft: draft.data ?? null,
    isReading: draftId !== null && draft.isPending,
    isBusy: [edit, undo, measure, rebase, save, discard].some(({ isPending }) => isPending),
    problem,
    dropped,
    edit: (edits: readonly StyleEditInput[]) => edit.mutate(edits),
    undo: () => undo.mutate(),
    measure: () => measure.mutate(),
    rebase: () => rebase.mutate(),
    save: () => save.mutate(),
    discard: () => discard.mutate(),
    forgetProblem: () => setProblem(null),
  };
}
