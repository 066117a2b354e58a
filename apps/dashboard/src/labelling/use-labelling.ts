'use client';

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { request } from '../api/client';
import { refused, tell } from '../changes/use-changes';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import {
  ChangeImagesDocument,
  LabellingPhotosDocument,
  type LabellingPhotosQuery,
  UndoChangeDocument,
} from '../generated/graphql';
import { filterKey, type PhotoFilter, toFilterInput } from '../photos/photo-filter';
import { changeBetween, type LabelPlan, type Labels, labelled } from './label-plan';

const PER_PAGE = 40;
/** Photos that are loaded ahead, so that a quick hand never waits. */
const AHEAD = 15;

export type LabellingPhoto = NonNullable<LabellingPhotosQuery['dataset']>['images']['edges'][number]['node'];

type Step = { readonly index: number; readonly id: string; readonly before: Labels; changeId: string | null };

/**
 * A walk through the photos behind a filter as they are at its start: a photo that its new label takes out of
 * the filter stays in the walk. Labels show at once and are saved one after the other.
 */
export function useLabelling(datasetId: string, filter: PhotoFilter, plan: LabelPlan) {
  const client = useQueryClient();
  const [index, setIndex] = useState(0);
  const [given, setGiven] = useState<ReadonlyMap<string, Labels>>(new Map());
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const saving = useRef<Promise<void>>(Promise.resolve());
  const query = useInfiniteQuery({
    // Not among the datasets' keys: a change must not make the walk begin anew.
    queryKey: ['labelling', datasetId, filterKey(filter)],
    queryFn: async ({ pageParam, signal }) => {
      const variables = { id: datasetId, filter: toFilterInput(filter), first: PER_PAGE, after: pageParam };
      return (await request(LabellingPhotosDocument, variables, signal)).dataset?.images;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const photos = query.data?.pages.flatMap((page) => page?.edges.map(({ node }) => node) ?? []);
  const total = query.data?.pages[0]?.totalCount;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isShort = photos !== undefined && index + AHEAD >= photos.length;
  useEffect(() => {
    if (isShort && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isShort, hasNextPage, isFetchingNextPage, fetchNextPage]);
  // What was labelled shows in lists once the round is left.
  useEffect(() => () => void client.invalidateQueries({ queryKey: DATASETS_KEY }), [client]);

  const labelsOf = (photo: LabellingPhoto): Labels =>
    given.get(photo.id) ?? { class: photo.class ?? null, tags: photo.tags };
  const remember = (id: string, labels: Labels) => setGiven((before) => new Map(before).set(id, labels));
  const goTo = (place: number) => setIndex(Math.max(0, Math.min(total ?? 0, place)));
  /** One after the other, so that the last key pressed is the one that counts. */
  const enqueue = (work: () => Promise<void>) => {
    saving.current = saving.current.then(work, work);
  };

  const assign = (value: string | null) => {
    const photo = photos?.[index];
    if (!photo) return;
    const before = labelsOf(photo);
    const after = labelled(before, plan, value);
    const input = changeBetween(before, after);
    if (input) {
      const step: Step = { index, id: photo.id, before, changeId: null };
      remember(photo.id, after);
      setSteps((made) => [...made, step]);
      enqueue(async () => {
        try {
          const selection = { datasetId, ids: [photo.id] };
          const { changeImages: result } = await request(ChangeImagesDocument, {
            input: { selection, ...input },
          });
          if (result.__typename !== 'ChangeImagesSuccess') throw refused(result);
          step.changeId = result.change.id;
        } catch (error) {
          remember(photo.id, before);
          setSteps((made) => made.filter((other) => other !== step));
          tell(`${photo.fileName} was not labelled`, error);
        }
      });
    }
    if (plan.as === 'class') goTo(index + 1);
  };

  const undo = () => {
    const step = steps.at(-1);
    if (!step) return;
    setSteps((made) => made.slice(0, -1));
    remember(step.id, step.before);
    goTo(step.index);
    enqueue(async () => {
      if (!step.changeId) return;
      try {
        const { undoChange: result } = await request(UndoChangeDocument, { id: step.changeId });
        if (result.__typename !== 'UndoChangeSuccess') throw refused(result);
      } catch (error) {
        tell('Not undone', error);
      }
    });
  };

  return {
    photo: photos?.[index],
    following: photos?.slice(index + 1, index + 4) ?? [],
    labelsOf,
    index,
    total,
    labelledCount: new Set(steps.map(({ id }) => id)).size,
    canUndo: steps.length > 0,
    assign,
    undo,
    goTo,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
