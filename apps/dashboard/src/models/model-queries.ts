import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { nullWhereNoId } from '../api/errors';
import {
  EmbeddingSpacesDocument,
  type EmbeddingSpacesQuery,
  ModelGateDocument,
  ModelRecordDocument,
  type ModelRowFragment,
  ModelsDocument,
  PromotionsDocument,
  SuggestedModelsDocument,
} from '../generated/graphql';
import { isActive } from '../jobs/job-queries';

export type ModelRow = ModelRowFragment;
export type Space = EmbeddingSpacesQuery['embeddingSpaces'][number];

/** Every key that starts with this is read anew when the registry or what answers changes. */
export const MODELS_KEY = ['models'] as const;

const BUSY_MS = 1500;
const IDLE_MS = 10_000;

export const modelsQuery = () =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'list'],
    queryFn: async ({ signal }) =>
      (await request(ModelsDocument, {}, signal)).models.edges.map(({ node }) => node),
    // A job that ends, here or in another tab, may have added one.
    refetchInterval: IDLE_MS,
    refetchIntervalInBackground: false,
  });

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await nullWhereNoId(request(ModelRecordDocument, { id }, signal));
      return answer?.node?.__typename === 'RegisteredModel' ? answer.node : null;
    },
  });

export const gateQuery = (modelId: string, metric: string, target: string | null) =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'gate', modelId, metric, target],
    queryFn: async ({ signal }) =>
      (await request(ModelGateDocument, { modelId, metric, target }, signal)).modelGate,
    // Until both are judged the evaluations may end at any moment.
    refetchInterval: ({ state }) => (state.data && state.data.evaluation === null ? 4000 : false),
  });

export const spacesQuery = () =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'spaces'],
    queryFn: async ({ signal }) => (await request(EmbeddingSpacesDocument, {}, signal)).embeddingSpaces,
    refetchInterval: ({ state }) =>
      state.data?.some(({ backfill }) => backfill && isActive(backfill)) ? BUSY_MS : IDLE_MS,
    refetchIntervalInBackground: false,
  });

export const suggestionsQuery = () =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'suggested'],
    queryFn: async ({ signal }) => (await request(SuggestedModelsDocument, {}, signal)).suggestedModels,
    // One that is being fetched is here when its job ends.
    refetchInterval: 3000,
    refetchIntervalInBackground: false,
  });

export const promotionsQuery = () =>
  queryOptions({
    queryKey: [...MODELS_KEY, 'promotions'],
    queryFn: async ({ signal }) => (await request(PromotionsDocument, {}, signal)).promotions,
  });
