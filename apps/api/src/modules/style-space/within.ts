import { within } from '../../platform/auth/within.js';
import { NotFoundError } from '../../platform/errors.js';
import type { StyleDrafts } from './drafts.js';
import type { StyleSpaceService } from './service.js';

/** The spaces of some datasets: any other is not there. */
export function styleSpacesWithin(all: StyleSpaceService, own: ReadonlySet<string>): StyleSpaceService {
  const byIds: StyleSpaceService['byIds'] = async (ids) => within(await all.byIds(ids), own);
  const must = async (id: string): Promise<void> => {
    if ((await byIds([id])).length === 0) throw new NotFoundError('There is no such style space.');
  };
  const guard =
    <Args extends unknown[], Result>(act: (id: string, ...args: Args) => Promise<Result>) =>
    async (id: string, ...args: Args): Promise<Result> => {
      await must(id);
      return act(id, ...args);
    };
  const chosen = async () => {
    const space = await all.chosen();
    return space === null ? null : (within([space], own)[0] ?? null);
  };
  return {
    ...all,
    byIds,
    page: (page) => all.page(page, [...own]),
    count: () => all.count([...own]),
    async build(request) {
      if (!own.has(request.datasetId)) throw new NotFoundError('There is no such dataset.');
      return all.build(request);
    },
    rename: guard(all.rename),
    choose: guard(all.choose),
    chosen,
    delete: guard(all.delete),
    uses: guard(all.uses),
    async list() {
      const listed = await all.list();
      const seen = new Set((await byIds(listed.map(({ id }) => id))).map(({ id }) => id));
      return listed.filter(({ id }) => seen.has(id));
    },
    bundle: guard(all.bundle),
    versions: guard(all.versions),
    version: guard(all.version),
    flows: guard(all.flows),
    pictures: guard(all.pictures),
    shown: guard(all.shown),
    drift: guard(all.drift),
    weigh: async (gram) => ((await chosen()) === null ? null : all.weigh(gram)),
    drafts: draftsWithin(all.drafts, must),
  };
}

function draftsWithin(all: StyleDrafts, must: (spaceId: string) => Promise<void>): StyleDrafts {
  const byIds: StyleDrafts['byIds'] = async (ids) => {
    const found = await all.byIds(ids);
    const mine = await Promise.all(
      found.map(({ spaceId }) =>
        must(spaceId).then(
          () => true,
          () => false,
        ),
      ),
    );
    return found.filter((_, at) => mine[at]);
  };
  const guard =
    <Args extends unknown[], Result>(act: (id: string, ...args: Args) => Promise<Result>) =>
    async (id: string, ...args: Args): Promise<Result> => {
      if ((await byIds([id])).length === 0) throw new NotFoundError('There are no such edits.');
      return act(id, ...args);
    };
  return {
    ...all,
    byIds,
    ofSpace: async (spaceId) => {
      await must(spaceId);
      return all.ofSpace(spaceId);
    },
    begin: async (spaceId, ...rest) => {
      await must(spaceId);
      return all.begin(spaceId, ...rest);
    },
    edit: guard(all.edit),
    undo: guard(all.undo),
    rebase: guard(all.rebase),
    discard: guard(all.discard),
    preview: guard(all.preview),
    save: guard(all.save),
  };
}
