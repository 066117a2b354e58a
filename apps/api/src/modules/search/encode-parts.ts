import { type EmbeddingModel, type QueryPart, type StyleReport, trimPaper } from '@freestyle/core';
import { NotFoundError } from '../../platform/errors.js';
import type { QueryStyle } from './query.js';
import type { ResolvedPart } from './resolve-parts.js';

export type QueryPartKind = 'TEXT' | 'IMAGE' | 'VECTOR';

/** What is told about a part beside the hits. */
export interface PartReport {
  readonly index: number;
  readonly negative: boolean;
  readonly kind: QueryPartKind;
  readonly weight: number;
  readonly style: StyleReport | null;
}

export interface EncodedPart {
  readonly report: PartReport;
  readonly part: QueryPart;
}

/** Turns parts into vectors: all texts in one call, pictures in one call for each style asked for.
 *  @param photoVector reads the vector of a gallery photo. @throws {NotFoundError} */
export async function encodeParts(
  parts: readonly ResolvedPart[],
  model: EmbeddingModel,
  photoVector: (imageId: string) => Promise<Float32Array | null>,
): Promise<EncodedPart[]> {
  const texts = parts.flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
  const [textVectors, pictures] = await Promise.all([
    texts.length === 0 ? [] : model.encodeTexts(texts),
    encodePictures(parts, model),
  ]);
  const nextText = textVectors.values();
  return Promise.all(
    parts.map(async (part) => {
      const { content } = part;
      switch (content.kind) {
        case 'text':
          return encoded(part, 'TEXT', nextText.next().value, 'text', null, model);
        case 'vector':
          return encoded(part, 'VECTOR', content.vector, 'photo', null, model);
        case 'photo':
          return encoded(
            part,
            'IMAGE',
            await requirePhoto(content.imageId, photoVector),
            'photo',
            null,
            model,
          );
        case 'picture': {
          const found = pictures.get(part.index);
          const style = part.style === 'AUTO' ? detectedStyle(found?.style ?? null) : styleName(part.style);
          return encoded(part, 'IMAGE', found?.vector, style, found?.style ?? null, model);
        }
      }
    }),
  );
}

async function encodePictures(parts: readonly ResolvedPart[], model: EmbeddingModel) {
  const byStyle = new Map<QueryStyle, ResolvedPart[]>();
  for (const part of parts) {
    if (part.content.kind === 'picture') byStyle.set(part.style, [...(byStyle.get(part.style) ?? []), part]);
  }
  const results = await Promise.all(
    [...byStyle].map(async ([style, members]) => {
      // Where on the paper a sketch was drawn says little; that it was drawn small would cost most of its pixels.
      const images = members.flatMap(({ content }) =>
        content.kind === 'picture' ? [trimPaper(content.image)] : [],
      );
      const embeddings = await model.encodeQueries(images, style === 'AUTO' ? undefined : styleName(style));
      return members.map(({ index }, i) => [index, embeddings[i]] as const);
    }),
  );
  return new Map(results.flat());
}

async function requirePhoto(
  imageId: string,
  photoVector: (imageId: string) => Promise<Float32Array | null>,
): Promise<Float32Array> {
  const vector = await photoVector(imageId);
  if (vector === null) throw new NotFoundError('There is no such photo that the live model has indexed.');
  return vector;
}

function encoded(
  { index, negative, weight }: ResolvedPart,
  kind: QueryPartKind,
  vector: Float32Array | undefined,
  calibrationStyle: string,
  style: StyleReport | null,
  model: EmbeddingModel,
): EncodedPart {
  if (vector === undefined) throw new Error(`the model gave no vector for part ${index}`);
  const calibration = model.calibration[calibrationStyle];
  return {
    report: { index, negative, kind, weight, style },
    part: { vector, weight, negative, ...(calibration && { calibration }) },
  };
}

/** The name that models know a style by. */
const styleName = (style: QueryStyle): string => style.toLowerCase();

/** The style that weighs most; a plain photo where nothing was seen. */
export const detectedStyle = (report: StyleReport | null): string =>
  report === null
    ? 'photo'
    : report.weights.reduce((best, one) => (one.weight > best.weight ? one : best), {
        style: 'photo',
        weight: 0,
      }).style;
