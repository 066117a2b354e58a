import type { CuratedStyles } from '@freestyle/core/style-space';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { JobService } from '../job/service.js';
import type { StyleContentRepository } from './content-repository.js';
import { describeEdit } from './describe-edit.js';
import type { StyleDraft, StyleDraftRepository } from './draft-repository.js';
import { editSchema, editsSchema, effectSchema, type StoredEdit, type StyleEffect } from './options.js';
import { previewStyleEditJob } from './preview-job.js';
import type { StyleSpace, StyleSpaceRepository, StyleSpaceVersion } from './repository.js';
import type { SpaceContents } from './space-content.js';
import { newVersionOf } from './version-of.js';

/** Edits of a space before they are saved. Each change names the revision that it was made on: whoever is second is told,
 *  and nothing of either is lost. */
export interface StyleDrafts {
  byIds(ids: readonly string[]): Promise<StyleDraft[]>;
  ofSpace(spaceId: string): Promise<StyleDraft[]>;
  /** @throws {NotFoundError} @throws {ConflictError} if another version is the newest. */
  begin(spaceId: string, expectedVersion: number, madeBy: string | null): Promise<StyleDraft>;
  /** All of the edits or none. @throws {NotFoundError} @throws {ValidationError} @throws {ConflictError} */
  edit(id: string, revision: number, edits: readonly unknown[]): Promise<StyleDraft>;
  /** Takes the last edit back. @throws {NotFoundError} @throws {ConflictError} */
  undo(id: string, revision: number): Promise<StyleDraft>;
  /** Begins with the newest version instead; edits that can no longer be done are left out and told. */
  rebase(id: string, revision: number): Promise<{ readonly draft: StyleDraft; readonly dropped: string[] }>;
  discard(id: string): Promise<StyleDraft>;
  /** Measures what the edits do to recall. */
  preview(
    id: string,
    revision: number,
    startedBy: string | null,
  ): Promise<{ readonly draft: StyleDraft; readonly job: Job }>;
  /** @throws {ConflictError} telling who saved first. */
  save(id: string, revision: number, madeBy: string | null): Promise<StyleSpaceVersion>;
  /** The space as the draft makes it. */
  styles(draft: StyleDraft): Promise<CuratedStyles>;
  /** Each edit in words. */
  words(draft: StyleDraft): Promise<string[]>;
}

export interface DraftParts {
  readonly spaces: StyleSpaceRepository;
  readonly drafts: StyleDraftRepository;
  readonly contents: StyleContentRepository;
  readonly work: SpaceContents;
  readonly jobs: JobService;
}

/** Edits of one draft: more would be slow to go through again, and are saved in between. */
const MOST_EDITS = 200;

export function createStyleDrafts(parts: DraftParts): StyleDrafts {
  const { drafts, spaces, work } = parts;
  return {
    byIds: (ids) => drafts.byIds(ids.filter(isUuid)),
    ofSpace: (spaceId) => drafts.ofSpace(spaceId),
    async begin(spaceId, expectedVersion, madeBy) {
      const space = await readySpace(spaces, spaceId);
      if (space.head !== expectedVersion) {
        throw new ConflictError(
          `Version ${space.head} is the newest, not ${expectedVersion}: look at it first, then begin again.`,
        );
      }
      return drafts.create(space.id, space.head, madeBy);
    },
    async edit(id, revision, edits) {
      const { draft, space } = await required(parts, id, revision);
      const all = [...editsOf(draft), ...edits.map(parseEdit)];
      if (all.length > MOST_EDITS)
        throw new ConflictError(`A draft holds ${MOST_EDITS} edits at most: save these first.`);
      await work.edited(space, draft.base, all);
      return changed(parts, draft, { base: draft.base, edits: all });
    },
    async undo(id, revision) {
      const { draft } = await required(parts, id, revision);
      const edits = editsOf(draft);
      if (edits.length === 0) throw new ConflictError('There is no edit to take back.');
      return changed(parts, draft, { base: draft.base, edits: edits.slice(0, -1) });
    },
    async rebase(id, revision) {
      const { draft, space } = await required(parts, id, revision);
      const { kept, dropped } = await carriedOver(parts, draft, space);
      return { draft: await changed(parts, draft, { base: space.head, edits: kept }), dropped };
    },
    async discard(id) {
      const [draft] = isUuid(id) ? await drafts.byIds([id]) : [];
      if (draft === undefined || !(await drafts.delete(id))) throw new NotFoundError(GONE);
      return draft;
    },
    async preview(id, revision, startedBy) {
      const { draft, space } = await required(parts, id, revision);
      if (editsOf(draft).length === 0)
        throw new ConflictError('There is no edit whose effect could be measured.');
      if (space.datasetId === null || space.versionId === null)
        throw new ConflictError('The dataset was deleted: there is nothing to measure on.');
      const job = await parts.jobs.enqueue(previewStyleEditJob, {
        payload: { draftId: draft.id, revision },
        datasetId: space.datasetId,
        startedBy,
      });
      return { draft: await drafts.setJob(draft.id, job.id), job };
    },
    save: (id, revision, madeBy) => save(parts, id, revision, madeBy),
    async styles(draft) {
      return work.edited(await readySpace(spaces, draft.spaceId), draft.base, editsOf(draft));
    },
    words: (draft) => wordsOf(parts, draft.spaceId, draft.base, editsOf(draft)),
  };
}

const GONE = 'There are no such edits: they were saved or given up meanwhile.';

/** @throws {NotFoundError} @throws {ConflictError} where it is not built yet. */
export async function readySpace(spaces: StyleSpaceRepository, id: string): Promise<StyleSpace> {
  const [space] = isUuid(id) ? await spaces.byIds([id]) : [];
  if (space === undefined) throw new NotFoundError('There is no such style space.');
  if (space.readyAt === null) throw new ConflictError(`${space.name} is not built yet.`);
  return space;
}

export const editsOf = ({ edits }: Pick<StyleDraft, 'edits'>): StoredEdit[] => editsSchema.parse(edits);

/** What was measured of a draft or version; null where nothing was. */
export const effectOf = ({ effect }: { readonly effect: unknown }): StyleEffect | null =>
  effect === null ? null : effectSchema.parse(effect);

/** Each edit in words, told by the names that clusters had before it. */
export async function wordsOf(
  { spaces, work }: Pick<DraftParts, 'spaces' | 'work'>,
  spaceId: string,
  base: number,
  edits: readonly StoredEdit[],
): Promise<string[]> {
  const space = await readySpace(spaces, spaceId);
  const words: string[] = [];
  for (const [at, edit] of edits.entries())
    words.push(describeEdit(edit, await work.edited(space, base, edits.slice(0, at))));
  return words;
}

async function required({ drafts, spaces }: DraftParts, id: string, revision: number) {
  const [draft] = isUuid(id) ? await drafts.byIds([id]) : [];
  if (draft === undefined) throw new NotFoundError(GONE);
  if (draft.revision !== revision) throw otherRevision(draft);
  return { draft, space: await readySpace(spaces, draft.spaceId) };
}

const otherRevision = ({ revision, madeBy }: StyleDraft) =>
  new ConflictError(
    `These edits${madeBy === null ? '' : ` (begun by ${madeBy})`} were changed meanwhile, in another window or by somebody else: they are now at revision ${revision}. Look at them, then go on; nothing is lost.`,
  );

async function changed(
  { drafts }: DraftParts,
  draft: StyleDraft,
  change: { readonly base: number; readonly edits: readonly StoredEdit[] },
): Promise<StyleDraft> {
  const made = await drafts.change(draft.id, draft.revision, change);
  if (made !== null) return made;
  const [now] = await drafts.byIds([draft.id]);
  throw now === undefined ? new NotFoundError(GONE) : otherRevision(now);
}

async function save(parts: DraftParts, id: string, revision: number, madeBy: string | null) {
  const { draft, space } = await required(parts, id, revision);
  const edits = editsOf(draft);
  if (edits.length === 0) throw new ConflictError('There is nothing to save: no edit was made.');
  const styles = await parts.work.edited(space, draft.base, edits);
  const { pictures } = await parts.work.content(space.id);
  const measured = effectOf(draft);
  const version = newVersionOf(styles, pictures, {
    number: draft.base + 1,
    parent: draft.base,
    edits,
    effect: measured?.revision === draft.revision ? measured : null,
    madeBy,
  });
  return parts.contents.save(space.id, draft.base, draft.id, version);
}

async function carriedOver({ work }: DraftParts, draft: StyleDraft, space: StyleSpace) {
  const kept: StoredEdit[] = [];
  const dropped: string[] = [];
  for (const [at, edit] of editsOf(draft).entries()) {
    try {
      await work.edited(space, space.head, [...kept, edit]);
      kept.push(edit);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const before = await work.edited(space, draft.base, editsOf(draft).slice(0, at));
      dropped.push(`${describeEdit(edit, before)}. ${error.message}`);
    }
  }
  return { kept, dropped };
}

function parseEdit(edit: unknown, index: number): StoredEdit {
  const parsed = editSchema.safeParse(edit);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw ValidationError.at(
    ['edits', String(index), ...(issue?.path ?? []).map(String)],
    issue?.message ?? 'not readable',
  );
}
