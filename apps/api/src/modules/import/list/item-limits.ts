import type { ListedItem } from './listed-item.js';

// Above what people write, below what an index takes (2,700 bytes) or a page can show.
const LABEL_LENGTH = 200;
const CAPTION_LENGTH = 10_000;
const CAPTIONS = 1000;
const TAGS = 200;
const PATH_BYTES = 4096;
const KEY_BYTES = 2000;
const ATTRIBUTE_LENGTH = 64 * 1024;

type Refusal = NonNullable<ListedItem['refusal']>;

/** What is too large about an item to be kept, or null. */
export function limitsOf({
  kind,
  path,
  metadata,
}: Pick<ListedItem, 'kind' | 'path' | 'metadata'>): Refusal | null {
  const pathLimit = kind === 'QUERY' ? KEY_BYTES : PATH_BYTES;
  if (Buffer.byteLength(path) > pathLimit)
    return tooLong('NAME_TOO_LONG', 'the name', path.length, pathLimit);
  if (metadata === null) return null;
  const labels = { class: metadata.class, split: metadata.split };
  const named: Record<string, string | null> =
    'style' in metadata ? { ...labels, style: metadata.style } : labels;
  for (const [field, value] of Object.entries(named)) {
    if (value !== null && value.length > LABEL_LENGTH) {
      return tooLong('LABEL_TOO_LONG', `the ${field}`, value.length, LABEL_LENGTH);
    }
  }
  const attributes = JSON.stringify(metadata.attributes).length;
  if (attributes > ATTRIBUTE_LENGTH) {
    return tooLong('ATTRIBUTES_TOO_LARGE', 'the further attributes', attributes, ATTRIBUTE_LENGTH);
  }
  if ('style' in metadata) {
    if ((metadata.target?.length ?? 0) > PATH_BYTES) {
      return tooLong('NAME_TOO_LONG', 'the target', metadata.target?.length ?? 0, PATH_BYTES);
    }
    return captionRefusal(metadata.text === null ? [] : [metadata.text]);
  }
  const long = metadata.tags?.find((tag) => tag.length > LABEL_LENGTH);
  if (long !== undefined) return tooLong('LABEL_TOO_LONG', 'a tag', long.length, LABEL_LENGTH);
  if ((metadata.tags?.length ?? 0) > TAGS) {
    return { code: 'TOO_MANY_TAGS', reason: `expected at most ${TAGS} tags, got ${metadata.tags?.length}` };
  }
  return captionRefusal(metadata.captions);
}

function captionRefusal(captions: readonly string[]): Refusal | null {
  const long = captions.find((caption) => caption.length > CAPTION_LENGTH);
  if (long !== undefined) return tooLong('CAPTION_TOO_LONG', 'a caption', long.length, CAPTION_LENGTH);
  if (captions.length <= CAPTIONS) return null;
  return {
    code: 'TOO_MANY_CAPTIONS',
    reason: `expected at most ${CAPTIONS} captions, got ${captions.length}`,
  };
}

const tooLong = (code: string, what: string, got: number, limit: number): Refusal => ({
  code,
  reason: `${what} has ${got} characters; the limit is ${limit}`,
});
