import {
  type EmbeddingModel,
  type QueryEmbedding,
  type QueryPart,
  type StyleReport,
  trimPaper,
} from '@freestyle/core';
import { NotFoundError } from '../../../platform/errors.js';
import type { ResolvedPart } from '../parse/resolve-parts.js';
import type { PartStyle } from '../parse/style.js';
import type { WordPiece } from '../parse/words.js';

export const PART_KINDS = ['TEXT', 'IMAGE', 'PHOTO', 'VECTOR'] as const;
export type QueryPartKind = (typeof PART_KINDS)[number];

/** What is told about a part beside the hits. */
export interface PartReport {
  readonly index: number;
  readonly negative: boolean;
  readonly kind: QueryPartKind;
  readonly weight: number;
  readonly style: StyleReport | null;
  /** An empty sheet: it says nothing and takes no part. */
  readonly blank: boolean;
  /** What its words were taken for; empty where words are not looked for. */
  readonly words: readonly WordPiece[];
}

export interface EncodedPart {
  readonly report: Omit<PartReport, 'words'>;
  readonly part: QueryPart;
  /** What its scores are compared with: `text`, or a style of the model; `photo` for photos and raw vectors. */
  readonly scale: string;
}

/** What encodes the parts of a query; batches are shared by all that ask at the same time. */
export interface QueryEncoder {
  readonly model: EmbeddingModel;
  texts(texts: readonly string[]): Promise<Float32Array[]>;
  pictures(
    images: readonly Parameters<EmbeddingModel['encodeQueries']>[0][number][],
    style: PartStyle,
  ): Promise<QueryEmbedding[]>;
  /** Reads the vector of a gallery photo; null for one without. */
  photo(imageId: string): Promise<Float32Array | null>;
}

/** Turns parts into vectors. @throws {NotFoundError} for a photo that the live model has not indexed. */
export async function encodeParts(
  parts: readonly ResolvedPart[],
  encoder: QueryEncoder,
): Promise<EncodedPart[]> {
  return Promise.all(parts.map((part) => encodePart(part, encoder)));
}

async function encodePart(part: ResolvedPart, encoder: QueryEncoder): Promise<EncodedPart> {
  const { content } = part;
  switch (content.kind) {
    case 'text': {
      const [vector] = await encoder.texts([content.text]);
      return encoded(part, { kind: 'TEXT', vector, scale: 'text' }, encoder);
    }
    case 'vector':
      return encoded(part, { kind: 'VECTOR', vector: content.vector, scale: 'photo' }, encoder);
    case 'photo': {
      const vector = await encoder.photo(content.imageId);
      if (vector === null) throw new NotFoundError('There is no such photo that the live model has indexed.');
      return encoded(part, { kind: 'PHOTO', vector, scale: 'photo' }, encoder);
    }
    case 'picture': {
      // Where on the paper a sketch was drawn says little; that it was drawn small would cost most of its pixels.
      const [found] = await encoder.pictures([trimPaper(content.image)], part.style);
      const scale = part.style.kind === 'auto' ? detectedStyle(found?.style ?? null) : part.style.name;
      const told = {
        kind: 'IMAGE',
        vector: found?.vector,
        scale,
        style: found?.style ?? null,
        blank: content.blank,
      } as const;
      return encoded(part, told, encoder);
    }
  }
}

interface Told {
  readonly kind: QueryPartKind;
  readonly vector: Float32Array | undefined;
  readonly scale: string;
  readonly style?: StyleReport | null;
  readonly blank?: boolean;
}

function encoded(
  { index, negative, weight }: ResolvedPart,
  { kind, vector, scale, style = null, blank = false }: Told,
  { model }: QueryEncoder,
): EncodedPart {
  if (vector === undefined) throw new Error(`the model gave no vector for part ${index}`);
  const calibration = model.calibration[scale];
  return {
    report: { index, negative, kind, weight, style, blank },
    part: { vector, weight: blank ? 0 : weight, negative, ...(calibration && { calibration }) },
    scale,
  };
}

/** The style that weighs most; a plain photo where nothing was seen. */
export const detectedStyle = (report: StyleReport | null): string =>
  report === null
    ? 'photo'
    : report.weights.reduce((best, one) => (one.weight > best.weight ? one : best), {
        style: 'photo',
        weight: 0,
      }).style;
