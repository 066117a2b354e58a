import { z } from 'zod';

/** Families of pretrained models that can be opened. */
export const FAMILIES = ['clip', 'siglip', 'blip'] as const;
export type Family = (typeof FAMILIES)[number];

/** Where a model is taken from. */
export const modelSource = z.discriminatedUnion('kind', [
  /** `owner/name` on a hub, with a branch, tag or commit after an `@`. */
  z.object({
    kind: z.literal('hub'),
    repo: z.string().regex(/^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/),
    family: z.enum(FAMILIES).nullable(),
  }),
  /** A folder of the server. */
  z.object({ kind: z.literal('folder'), path: z.string().min(1) }),
  z.object({ kind: z.literal('upload'), id: z.uuid(), name: z.string().max(120) }),
]);
export type ModelSource = z.output<typeof modelSource>;

export const addPayload = z.object({ source: modelSource });

/** Reads what a person typed: `openai/clip-vit-base-patch32`, or `clip:openai/…`. @returns null for no name of a hub. */
export function hubSource(text: string): Extract<ModelSource, { kind: 'hub' }> | null {
  const [, prefix, repo = ''] = /^(?:([a-z]+):)?(.*)$/.exec(text.trim()) ?? [];
  const family = FAMILIES.find((one) => one === prefix) ?? null;
  if (prefix !== undefined && family === null) return null;
  const parsed = modelSource.safeParse({ kind: 'hub', repo, family });
  return parsed.success && parsed.data.kind === 'hub' ? parsed.data : null;
}

/** A source in words for people. */
export function sourceWords(source: ModelSource): string {
  if (source.kind === 'hub') return source.repo;
  return source.kind === 'folder' ? source.path : source.name;
}
