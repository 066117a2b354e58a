import { hashContent } from '../weights/hash-file.js';
import type { ContentHash, EvaluationQuery, EvaluationSet, Identities, Identity } from './evaluation-set.js';

// Files read at a time.
const READERS = 16;

/** Tells queries by content: sha256 over style, content and target (instance level) or class (class level), cut to 128
 *  bits. A photo added, a file renamed or a caption moved changes nobody else's. Where no content hash can be had, the
 *  name stands for it. */
export async function identifyQueries(set: EvaluationSet): Promise<Identities> {
  const photos = await hashAll(set.photos.map(({ id, contentHash }) => ({ id, contentHash })));
  const contents = await hashAll(
    set.queries.map(({ id, content, contentHash }) => ({
      id,
      contentHash: 'text' in content ? `text ${content.text}` : contentHash,
    })),
  );
  const photoOf = new Map(set.photos.map(({ id }, row) => [id, photos[row] ?? id]));
  const known = {
    instance: new Map<EvaluationQuery, Identity>(),
    class: new Map<EvaluationQuery, Identity>(),
  };
  for (const level of ['instance', 'class'] as const) {
    const seen = new Map<string, number>();
    for (const [row, query] of set.queries.entries()) {
      const target = query.target === undefined ? null : (photoOf.get(query.target) ?? query.target);
      const meaning = level === 'instance' ? target : (query.className ?? null);
      const plain = short(JSON.stringify([query.style, contents[row], meaning]));
      const times = (seen.get(plain) ?? 0) + 1;
      seen.set(plain, times);
      const key = times === 1 ? plain : `${plain}#${times}`;
      known[level].set(query, { key, cluster: target === null ? key : short(target) });
    }
  }
  return {
    of: (query, level) => known[level].get(query) ?? { key: short(query.id), cluster: short(query.id) },
  };
}

/** The key of a query that is made of several. */
export const joinedKey = (keys: readonly string[]): string => short(keys.join(' + '));

const short = (text: string): string => hashContent(text).slice(0, 32);

async function hashAll(
  items: readonly { readonly id: string; readonly contentHash: ContentHash | undefined }[],
): Promise<string[]> {
  const hashes: string[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (const [row, { id, contentHash }] of queue) {
        // A file that cannot be read is told where it is encoded; until then it goes by its name.
        hashes[row] =
          typeof contentHash === 'function'
            ? await contentHash().catch(() => `unread ${id}`)
            : (contentHash ?? `named ${id}`);
      }
    }),
  );
  return hashes;
}
