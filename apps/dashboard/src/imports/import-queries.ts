import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { ApiError } from '../api/errors';
import {
  type ImportInput,
  OpenUploadsDocument,
  PreviewImportDocument,
  type PreviewImportQuery,
  UploadDocument,
  UploadReceivedDocument,
  type UploadStateFragment,
} from '../generated/graphql';

export type UploadSession = UploadStateFragment;
export type ImportPreview = Extract<PreviewImportQuery['previewImport'], { __typename: 'ImportPreview' }>;

export const UPLOADS_KEY = ['uploads'] as const;

/** What a mutation says instead of doing it. */
export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
};

/** Uploads that wait for more files, or for their import. */
export const openUploadsQuery = () =>
  queryOptions({
    queryKey: [...UPLOADS_KEY, 'open'],
    queryFn: async ({ signal }) => (await request(OpenUploadsDocument, {}, signal)).uploadSessions,
  });

export async function readUpload(id: string): Promise<UploadSession | null> {
  return (await request(UploadDocument, { id })).uploadSession ?? null;
}

/** Paths of all files of an upload that the server has. */
export async function readReceived(id: string): Promise<ReadonlySet<string>> {
  const received = new Set<string>();
  for (let after: string | null = null; ; ) {
    const answer: { uploadSession?: { received: string[] } | null } = await request(UploadReceivedDocument, {
      id,
      after,
    });
    const page = answer.uploadSession?.received ?? [];
    for (const path of page) received.add(path);
    const last = page.at(-1);
    if (last === undefined) return received;
    after = last;
  }
}

/** What an import would do. A refusal comes as an error with the API's words. */
export const previewQuery = (input: ImportInput) =>
  queryOptions({
    queryKey: ['import-preview', input],
    queryFn: async ({ signal }) => {
      const { previewImport } = await request(PreviewImportDocument, { input }, signal);
      if (previewImport.__typename === 'ImportPreview') return previewImport;
      throw new ApiError(previewImport.message, previewImport.code);
    },
    // The files may have changed since; it is asked for when somebody wants to see it.
    staleTime: 0,
    gcTime: 60_000,
  });
