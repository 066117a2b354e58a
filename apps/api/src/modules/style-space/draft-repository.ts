import type { PrismaClient, StyleDraft } from '../../generated/prisma/client.js';
import type { StoredEdit, StyleEffect } from './options.js';
import { json, jsonOrNull } from './repository.js';

export type { StyleDraft };

export interface StyleDraftRepository {
  create(spaceId: string, base: number, madeBy: string | null): Promise<StyleDraft>;
  byIds(ids: readonly string[]): Promise<StyleDraft[]>;
  /** Newest first. */
  ofSpace(spaceId: string): Promise<StyleDraft[]>;
  /** Replaces its edits where it still has that revision. @returns null where it has another. */
  change(
    id: string,
    revision: number,
    change: { readonly base: number; readonly edits: readonly StoredEdit[] },
  ): Promise<StyleDraft | null>;
  setJob(id: string, jobId: string): Promise<StyleDraft>;
  /** Keeps what was measured; nothing where the draft is gone. */
  setEffect(id: string, effect: StyleEffect | null): Promise<void>;
  delete(id: string): Promise<boolean>;
}

export function createStyleDraftRepository(prisma: PrismaClient): StyleDraftRepository {
  return {
    create: (spaceId, base, madeBy) => prisma.styleDraft.create({ data: { spaceId, base, madeBy } }),
    byIds: (ids) => prisma.styleDraft.findMany({ where: { id: { in: [...ids] } } }),
    ofSpace: (spaceId) => prisma.styleDraft.findMany({ where: { spaceId }, orderBy: { id: 'desc' } }),
    async change(id, revision, { base, edits }) {
      const { count } = await prisma.styleDraft.updateMany({
        where: { id, revision },
        data: { base, edits: json(edits), revision: revision + 1, updatedAt: new Date() },
      });
      return count === 0 ? null : prisma.styleDraft.findUnique({ where: { id } });
    },
    setJob: (id, jobId) => prisma.styleDraft.update({ where: { id }, data: { jobId } }),
    setEffect: async (id, effect) =>
      void (await prisma.styleDraft.updateMany({ where: { id }, data: { effect: jsonOrNull(effect) } })),
    delete: async (id) => (await prisma.styleDraft.deleteMany({ where: { id } })).count > 0,
  };
}
