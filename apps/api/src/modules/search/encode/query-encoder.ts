import type { EmbeddingModel, RgbImage } from '@freestyle/core';
import { OverloadedError } from '../../../platform/errors.js';
import type { EncoderKind, Metrics } from '../../../platform/telemetry/metrics.js';
import type { PartStyle } from '../parse/style.js';
import { batchCalls } from './batch-calls.js';
import type { QueryEncoder } from './encode-parts.js';

/** Enough for every alias of a document, little enough for the memory of a small machine. */
const MOST_TEXTS = 64;
const MOST_PICTURES = 16;
/** Items that may wait or be at work: about three seconds of a small machine. */
const MOST_WAITING: Readonly<Record<EncoderKind, number>> = { text: 256, picture: 96 };

/** The encoder of a model whose calls are joined: texts with texts, pictures with those of the same style. */
export function createQueryEncoder(
  model: EmbeddingModel,
  photo: (imageId: string) => Promise<Float32Array | null>,
  metrics: Pick<Metrics, 'batch' | 'waiting'>,
): QueryEncoder {
  const pictures = new Map<string, ReturnType<typeof pictureCalls>>();
  const pictureCalls = (style: PartStyle) =>
    batchCalls(
      (images: readonly RgbImage[]) =>
        metrics.batch('picture', images.length, () =>
          model.encodeQueries(images, style.kind === 'auto' ? undefined : style.name),
        ),
      MOST_PICTURES,
    );
  const callsOf = (style: PartStyle) => {
    const name = style.kind === 'auto' ? '' : style.name;
    const calls = pictures.get(name) ?? pictureCalls(style);
    pictures.set(name, calls);
    return calls;
  };
  const texts = batchCalls(
    (all: readonly string[]) => metrics.batch('text', all.length, () => model.encodeTexts(all)),
    MOST_TEXTS,
  );
  // Whoever would wait for seconds is told so at once.
  const inTurn =
    <Item, Answer>(kind: EncoderKind, calls: (items: readonly Item[]) => Promise<Answer[]>) =>
    async (items: readonly Item[]): Promise<Answer[]> => {
      const waiting = metrics.waiting(kind, items.length);
      try {
        if (waiting > MOST_WAITING[kind] && waiting > items.length) {
          throw new OverloadedError('Too many searches wait for the encoder', 2);
        }
        return await calls(items);
      } finally {
        metrics.waiting(kind, -items.length);
      }
    };
  return {
    model,
    texts: inTurn('text', texts),
    pictures: (images, style) => inTurn('picture', callsOf(style))(images),
    photo,
  };
}
