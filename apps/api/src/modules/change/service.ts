import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Image } from '../photo/repository.js';
import { checkSelection, type ImageSelection, type SelectionInput } from '../photo/selection.js';
import { checkCaptions, checkEdit, type Edit, type EditInput, kindOf } from './edit.js';
import type { Change, ChangeRepository, Undoing } from './repository.js';

export interface ChangeService {
  byIds(ids: readonly string[]): Promise<Change[]>;
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<Change[]>;
  countOfDataset(datasetId: string): Promise<number>;
  /** @throws {ValidationError} @throws {NotFoundError} */
  changeImages(selection: SelectionInput, edit: EditInput): Promise<Change>;
  /** @throws {ValidationError} @throws {NotFoundError} */
  setCaptions(imageId: string, captions: readonly string[]): Promise<{ image: Image; change: Change }>;
  /** @throws {NotFoundError} @throws {ConflictError} if it was undone before. */
  undo(id: string): Promise<Undoing>;
}

export interface ChangeServiceParts {
  readonly changes: ChangeRepository;
  images(ids: readonly string[]): Promise<Image[]>;
  countSelection(selection: ImageSelection): Promise<number>;
  /** The live embedding space, or null while there is none. */
  spaceId(): number | null;
  /** Is told that photos came back, of which some may lack vectors of the live model. */
  onRestored(): Promise<void>;
}

export function createChangeService(parts: ChangeServiceParts): ChangeService {
  const { changes } = parts;
  const apply = async (selection: ImageSelection, edit: Edit): Promise<Change> => {
    const { datasetId, ids, filter, except } = selection;
    const described = { ...(ids ? { ids } : { filter }), ...(except.length > 0 && { except }) };
    const change = await changes.apply({
      kind: kindOf(edit),
      edit,
      selection,
      spaceId: parts.spaceId(),
      input: { datasetId, ...described, ...edit },
    });
    if (change === null) throw new NotFoundError('There is no such dataset.');
    if (edit.deleted === false && change.count > 0) await parts.onRestored();
    return change;
  };
  return {
    byIds: (ids) => changes.byIds(ids.filter(isUuid)),
    pageOfDataset: (datasetId, page) => changes.pageOfDataset(datasetId, page),
    countOfDataset: (datasetId) => changes.countOfDataset(datasetId),
    async changeImages(input, wanted) {
      const edit = checkEdit(wanted);
      const selection = checkSelection(input);
      if (!isUuid(selection.datasetId)) throw new NotFoundError('There is no such dataset.');
      await checkPhotos(parts, selection);
      return apply(selection, edit);
    },
    async setCaptions(imageId, captions) {
      const edit = { captions: checkCaptions(captions) };
      const [image] = isUuid(imageId) ? await parts.images([imageId]) : [];
      if (image === undefined) throw new NotFoundError('There is no such photo.');
      const change = await apply(
        { datasetId: image.datasetId, ids: [image.id], filter: {}, except: [] },
        edit,
      );
      const [now] = await parts.images([image.id]);
      if (now === undefined) throw new NotFoundError('The photo was deleted meanwhile.');
      return { image: now, change };
    },
    async undo(id) {
      const [change] = isUuid(id) ? await changes.byIds([id]) : [];
      if (change === undefined) throw new NotFoundError('There is no such change.');
      const undoing = change.undoneAt === null ? await changes.undo(change) : null;
      if (undoing === null) {
        throw new ConflictError('This change was undone before; to have it again, make it again.');
      }
      if (undoing.restored > 0) await parts.onRestored();
      return undoing;
    },
  };
}

/** Photos that were named must be there, or what was asked cannot be done whole. */
async function checkPhotos(parts: ChangeServiceParts, selection: ImageSelection): Promise<void> {
  if (selection.ids === null) return;
  const missing = selection.ids.length - (await parts.countSelection(selection));
  if (missing === 0) return;
  throw ValidationError.at(
    ['selection', 'ids'],
    `${missing} of ${selection.ids.length} are no photos of this dataset`,
  );
}
